// SPDX-License-Identifier: MIT
using VfioSharp.Linux;

namespace VfioSharp.Kernel;

/// <summary>
/// What an errno of an operation means, and what to do about it: the real kernel says only the number.
/// Said in VFIO's terms, for programs in any language. The operations are the ones that the client's exceptions name.
/// </summary>
internal static class Refusals
{
    internal const string Open = "open";
    internal const string GetApiVersion = "GET_API_VERSION";
    internal const string SetIommu = "SET_IOMMU";
    internal const string IommuGetInfo = "IOMMU_GET_INFO";
    internal const string MapDma = "MAP_DMA";
    internal const string UnmapDma = "UNMAP_DMA";
    internal const string SpaprGetInfo = "SPAPR_TCE_GET_INFO";
    internal const string Enable = "ENABLE";
    internal const string Disable = "DISABLE";
    internal const string RegisterMemory = "SPAPR_REGISTER_MEMORY";
    internal const string UnregisterMemory = "SPAPR_UNREGISTER_MEMORY";
    internal const string CreateWindow = "SPAPR_TCE_CREATE";
    internal const string RemoveWindow = "SPAPR_TCE_REMOVE";
    internal const string EehPeOp = "EEH_PE_OP";
    internal const string AllocateMemory = "mmap of anonymous memory";
    internal const string GetStatus = "GET_STATUS";
    internal const string SetContainer = "SET_CONTAINER";
    internal const string UnsetContainer = "UNSET_CONTAINER";
    internal const string GetDeviceFd = "GET_DEVICE_FD";
    internal const string DeviceGetInfo = "DEVICE_GET_INFO";
    internal const string GetRegionInfo = "GET_REGION_INFO";
    internal const string GetIrqInfo = "GET_IRQ_INFO";
    internal const string SetIrqs = "SET_IRQS";
    internal const string Reset = "RESET";
    internal const string Read = "pread";
    internal const string Write = "pwrite";
    internal const string Map = "mmap";
    internal const string Load = "load";
    internal const string Store = "store";
    internal const string CreateEvent = "eventfd";
    internal const string WaitEvent = "wait for eventfd";
    internal const string ReadSysfs = "read of sysfs";

    /// <summary>The usual cause of a refusal and its remedy.</summary>
    internal static (string Why, string? Remedy) Explain(string operation, Errno errno) => (operation, errno) switch
    {
        (Open, Errno.ENOENT) => ("there is no such node: no VFIO driver is loaded, or no device of the group is bound to one",
            "Load vfio-pci (modprobe vfio-pci) and bind the device to it"),
        (Open, Errno.EACCES) => ("the permissions of the node do not allow it",
            "Run as the node's owner, or give the user access to it (chown /dev/vfio/N; /dev/vfio/vfio is open to all)"),
        (Open, Errno.EBUSY) => ("a group can be open only once, and somebody has it open, perhaps through another of its devices",
            "End the process that has it (fuser -v /dev/vfio/N names it)"),
        (Open, Errno.EPERM) => ("a no-IOMMU group needs CAP_SYS_RAWIO", null),
        (SetContainer, Errno.EPERM) => ("the group is not viable: a device of it has a host driver, or another owner has its DMA",
            "Unbind every device of the group from its host driver"),
        (SetContainer, Errno.EINVAL) => ("the group is in a container already, or the container's IOMMU cannot take it",
            "Take the group out of its container first"),
        (UnsetContainer, Errno.EBUSY) => ("devices of the group are still open", "Close the group's devices first"),
        (UnsetContainer, Errno.EINVAL) => ("the group is in no container", null),
        (SetIommu, Errno.EINVAL) => ("the container has no group yet, or its IOMMU is set already",
            "Add a group first, and set the IOMMU once"),
        (SetIommu, Errno.ENODEV) => ("no IOMMU driver of this kernel offers that type for these groups",
            "CHECK_EXTENSION says which types there are"),
        (IommuGetInfo, Errno.EINVAL) => ("the container's IOMMU is not set", "Add a group and set the IOMMU first"),
        (GetDeviceFd, Errno.ENODEV) => ("the group has no such device bound to a VFIO driver",
            "Bind it: driver_override to vfio-pci, then drivers_probe"),
        (GetDeviceFd, Errno.EINVAL) => ("the group's container has no IOMMU set", "Add the group to a container and set its IOMMU first"),
        (GetDeviceFd, Errno.EACCES) => ("the device wants a VF token", null),
        (MapDma, Errno.EEXIST) => ("the IOVA range overlaps one that is mapped", "Unmap that one first, or choose another IOVA"),
        (MapDma, Errno.EINVAL) => ("IOVA, address or size is not a multiple of the IOMMU's page, or the range is reserved or beyond the aperture",
            "IOMMU_GET_INFO gives the page sizes and the IOVA ranges that can be used; on POWER the memory must be registered too"),
        (MapDma, Errno.ENOSPC) => ("the container has as many mappings as it may (dma_entry_limit)",
            "Use fewer, larger mappings, or raise the module parameter vfio_iommu_type1.dma_entry_limit"),
        (MapDma, Errno.ENOMEM) => ("the memory to pin passes RLIMIT_MEMLOCK, or there is none",
            "Raise the limit (ulimit -l, LimitMEMLOCK=), or map less"),
        (MapDma, Errno.EFAULT) => ("a page of the memory is not mapped, or not with the permission the access needs", null),
        (MapDma, Errno.EPERM) => ("nothing was registered (sPAPR TCE v2) or the container is not enabled (v1), or the window's pages are larger than those behind the memory",
            "Register the memory, or enable the container, first; back memory for large IOMMU pages with huge pages"),
        (MapDma, Errno.ENXIO) => ("the IOVA is in no DMA window", "SPAPR_TCE_GET_INFO gives the default window, SPAPR_TCE_CREATE makes another"),
        (Enable, Errno.ENOMEM) => ("the whole default window counts as locked memory, and passes RLIMIT_MEMLOCK",
            "Raise the limit (ulimit -l, LimitMEMLOCK=)"),
        (RegisterMemory or CreateWindow, Errno.ENOMEM) => ("the memory, or the window's table, passes RLIMIT_MEMLOCK",
            "Raise the limit (ulimit -l, LimitMEMLOCK=): 'vfio limits' says to what"),
        (RegisterMemory, Errno.EBUSY) => ("the container has exactly this memory registered", null),
        (RegisterMemory, Errno.EINVAL) => ("address or size is no multiple of the system's page, or it overlaps memory that is registered", null),
        (RegisterMemory, Errno.EFAULT) => ("part of the memory is not mapped writable", null),
        (UnregisterMemory, Errno.ENOENT) => ("this is not exactly what was registered in this container", null),
        (CreateWindow, Errno.ENOSPC) => ("the endpoint has all the windows that it can", "Remove a window first; the default one can go too"),
        (CreateWindow, Errno.EINVAL) => ("page size, size or levels cannot be", "SPAPR_TCE_GET_INFO gives page sizes and levels; a size is a power of two"),
        (CreateWindow, Errno.ENODEV) => ("firmware did not make the window, now or for an earlier request that marked the endpoint", null),
        (CreateWindow, Errno.EPERM) => ("under a hypervisor endpoints do not share windows, or a dynamic window is in the way", "One container for each group"),
        (EehPeOp, Errno.ENODEV) => ("errors of this endpoint are not handled", null),
        (EehPeOp, Errno.EIO) => ("the platform could not do it", "GET_STATE says where the endpoint stands"),
        (UnmapDma, Errno.EINVAL) => ("the range is not a multiple of the page, or would cut a mapping in two",
            "Unmap whole mappings"),
        (Reset, Errno.EINVAL or Errno.ENOTTY) => ("the device cannot be reset alone", "Look for the flag RESET of DEVICE_GET_INFO before"),
        (Read or Write, Errno.EIO) => ("the device does not answer: its decoding may be off (COMMAND), or it is asleep",
            "Set bit 1 (memory) or 0 (I/O) of COMMAND"),
        (Load or Store, Errno.EIO) => ("SIGBUS: the device does not answer there: its memory decoding may be off",
            "Set bit 1 (memory) of COMMAND"),
        (Load or Store, Errno.EFAULT) => ("SIGSEGV: nothing is mapped there with that permission", null),
        (SetIrqs, Errno.EBUSY) => ("another interrupt index of the device is in use", "Turn that one off first"),
        (SetIrqs, Errno.ENOTTY) => ("this interrupt index does not do that", null),
        (SetIrqs, Errno.EINVAL) => ("the device has no such interrupt, or not that many vectors", null),
        (_, Errno.ENOTTY) => ("the descriptor does not have that request", "Containers, groups and devices have requests of their own; a container has its IOMMU's once that is set"),
        (_, Errno.EFAULT) => ("the address is not memory of the caller, or not with the permission it needs", "Pass the address of the whole structure, in memory that can be read and written"),
        _ => ("the kernel gave no reason", null),
    };
}
