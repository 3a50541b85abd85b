// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp;

/// <summary>The ioctls of a container with an sPAPR TCE IOMMU, in the ABI's structs.</summary>
internal static class SpaprCalls
{
    // Up to and with the operation: only INJECT_ERR says more.
    private const int EehMinimum = 12;

    internal static KernelResult GetInfo(KernelFile container, out SpaprInfo? info)
    {
        var answer = new VfioIommuSpaprTceInfo { Argsz = (uint)Unsafe.SizeOf<VfioIommuSpaprTceInfo>() };
        KernelResult result = container.Ioctl(VfioIoctl.IommuSpaprTceGetInfo, ref answer);
        bool hasWindows = (answer.Flags & VfioIommuSpaprInfoFlags.Ddw) != 0;
        info = result.IsError
            ? null
            : new SpaprInfo(
                new Iova(answer.Dma32WindowStart),
                answer.Dma32WindowSize,
                hasWindows ? answer.Ddw.Pgsizes : 0,
                hasWindows ? answer.Ddw.MaxDynamicWindowsSupported : 0,
                hasWindows ? answer.Ddw.Levels : 0);
        return result;
    }

    internal static KernelResult Register(KernelFile container, ulong address, ulong size) =>
        Register(container, VfioIoctl.IommuSpaprRegisterMemory, address, size);

    internal static KernelResult Unregister(KernelFile container, ulong address, ulong size) =>
        Register(container, VfioIoctl.IommuSpaprUnregisterMemory, address, size);

    internal static KernelResult CreateWindow(KernelFile container, uint pageShift, ulong size, uint levels, out Iova start)
    {
        var create = new VfioIommuSpaprTceCreate
        {
            Argsz = (uint)Unsafe.SizeOf<VfioIommuSpaprTceCreate>(),
            PageShift = pageShift,
            WindowSize = size,
            Levels = levels,
        };
        KernelResult result = container.Ioctl(VfioIoctl.IommuSpaprTceCreate, ref create);
        start = new Iova(create.StartAddr);
        return result;
    }

    internal static KernelResult RemoveWindow(KernelFile container, Iova start)
    {
        var remove = new VfioIommuSpaprTceRemove { Argsz = (uint)Unsafe.SizeOf<VfioIommuSpaprTceRemove>(), StartAddr = start.Value };
        return container.Ioctl(VfioIoctl.IommuSpaprTceRemove, ref remove);
    }

    internal static KernelResult Eeh(KernelFile container, uint operation)
    {
        var asked = new VfioEehPeOp { Argsz = EehMinimum, Op = operation };
        return container.Ioctl(VfioIoctl.EehPeOp, ref asked);
    }

    private static KernelResult Register(KernelFile container, uint request, ulong address, ulong size)
    {
        var memory = new VfioIommuSpaprRegisterMemory
        {
            Argsz = (uint)Unsafe.SizeOf<VfioIommuSpaprRegisterMemory>(),
            Vaddr = address,
            Size = size,
        };
        return container.Ioctl(request, ref memory);
    }
}
