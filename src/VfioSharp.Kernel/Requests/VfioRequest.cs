// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Linux;

namespace VfioSharp.Kernel.Requests;

/// <summary>An ioctl of VFIO: its name and what its argument is.</summary>
public sealed class VfioRequest
{
    private VfioRequest(string name, string operation, VfioArgument argument, StructureShape? structure, bool descriptorsFollow = false)
    {
        Name = name;
        Operation = operation;
        Argument = argument;
        Structure = structure;
        DescriptorsFollow = descriptorsFollow;
    }

    /// <summary>Its name in vfio.h, without VFIO_ in front.</summary>
    public string Name { get; }

    /// <summary>What its argument is.</summary>
    public VfioArgument Argument { get; }

    /// <summary>The structure its argument points to, or null.</summary>
    public StructureShape? Structure { get; }

    /// <summary>Whether numbers of four bytes follow the structure (descriptors) and not bytes.</summary>
    public bool DescriptorsFollow { get; }

    /// <summary>What the client calls it.</summary>
    internal string Operation { get; }

    /// <summary>The request of that number on a descriptor of that kind; null: it has none.</summary>
    public static VfioRequest? Find(VfioFileKind kind, uint number) => kind switch
    {
        VfioFileKind.Type1Container => s_containers.GetValueOrDefault(number) ?? s_type1.GetValueOrDefault(number),
        VfioFileKind.SpaprContainer => s_containers.GetValueOrDefault(number) ?? s_spapr.GetValueOrDefault(number),
        VfioFileKind.Group => s_groups.GetValueOrDefault(number),
        VfioFileKind.Device => s_devices.GetValueOrDefault(number),
        _ => null,
    };

    /// <summary>The name of a request on a descriptor of that kind, or its number.</summary>
    public static string NameOf(VfioFileKind kind, uint number) => Find(kind, number)?.Name ?? $"0x{number:x}";

    /// <summary>What can be done about a refusal of a request, or null where nothing is known.</summary>
    public static string? RemedyFor(VfioFileKind kind, uint number, Errno errno) => Refusals.Explain(Find(kind, number)?.Operation ?? "", errno).Remedy;

    /// <summary>The name of a value of <see cref="VfioArgument.Extension"/>, or its number.</summary>
    public static string NameOfExtension(ulong extension) => s_extensions.Format(extension);

    private static readonly FieldNames s_extensions = FieldNames.Values(typeof(VfioExtension), "VFIO_");
    private static readonly FieldNames s_irqIndexes = FieldNames.Values(typeof(VfioPciIrqIndex), "VFIO_PCI_", "_IRQ_INDEX");
    private static readonly FieldNames s_regionIndexes = FieldNames.Values(typeof(VfioPciRegionIndex), "VFIO_PCI_", "_REGION_INDEX");
    private static readonly FieldNames s_mapFlags = FieldNames.Bits(typeof(VfioDmaMapFlags), "VFIO_DMA_MAP_FLAG_");

    private static readonly Dictionary<uint, VfioRequest> s_containers = new()
    {
        [VfioIoctl.GetApiVersion] = Plain("GET_API_VERSION", Refusals.GetApiVersion),
        [VfioIoctl.CheckExtension] = new("CHECK_EXTENSION", "CHECK_EXTENSION", VfioArgument.Extension, null),
        [VfioIoctl.SetIommu] = new("SET_IOMMU", Refusals.SetIommu, VfioArgument.Extension, null),
        [VfioIoctl.IommuMapDma] = With("IOMMU_MAP_DMA", Refusals.MapDma, StructureShape.Of<VfioIommuType1DmaMap>(null, ("flags", s_mapFlags))),
        [VfioIoctl.IommuUnmapDma] = With("IOMMU_UNMAP_DMA", Refusals.UnmapDma, StructureShape.Of<VfioIommuType1DmaUnmap>(null, ("flags", FieldNames.Bits(typeof(VfioDmaUnmapFlags), "VFIO_DMA_UNMAP_FLAG_")))),
    };

    private static readonly Dictionary<uint, VfioRequest> s_type1 = new()
    {
        [VfioIoctl.IommuGetInfo] = With("IOMMU_GET_INFO", Refusals.IommuGetInfo, StructureShape.Of<VfioIommuType1Info>(null, ("flags", FieldNames.Bits(typeof(VfioIommuInfoFlags), "VFIO_IOMMU_INFO_")))),
        [VfioIoctl.IommuDirtyPages] = With("IOMMU_DIRTY_PAGES", "DIRTY_PAGES", StructureShape.Of<VfioIommuType1DirtyBitmap>(null, ("flags", FieldNames.Bits(typeof(VfioIommuDirtyPagesFlags), "VFIO_IOMMU_DIRTY_PAGES_FLAG_")))),
    };

    private static readonly Dictionary<uint, VfioRequest> s_spapr = new()
    {
        [VfioIoctl.IommuSpaprTceGetInfo] = With("IOMMU_SPAPR_TCE_GET_INFO", Refusals.SpaprGetInfo, StructureShape.Of<VfioIommuSpaprTceInfo>(
            [StructureShape.Of<VfioIommuSpaprTceDdwInfo>()], ("flags", FieldNames.Bits(typeof(VfioIommuSpaprInfoFlags), "VFIO_IOMMU_SPAPR_INFO_")))),
        [VfioIoctl.IommuEnable] = Plain("IOMMU_ENABLE", Refusals.Enable),
        [VfioIoctl.IommuDisable] = Plain("IOMMU_DISABLE", Refusals.Disable),
        [VfioIoctl.IommuSpaprRegisterMemory] = With("IOMMU_SPAPR_REGISTER_MEMORY", Refusals.RegisterMemory, StructureShape.Of<VfioIommuSpaprRegisterMemory>()),
        [VfioIoctl.IommuSpaprUnregisterMemory] = With("IOMMU_SPAPR_UNREGISTER_MEMORY", Refusals.UnregisterMemory, StructureShape.Of<VfioIommuSpaprRegisterMemory>()),
        [VfioIoctl.IommuSpaprTceCreate] = With("IOMMU_SPAPR_TCE_CREATE", Refusals.CreateWindow, StructureShape.Of<VfioIommuSpaprTceCreate>()),
        [VfioIoctl.IommuSpaprTceRemove] = With("IOMMU_SPAPR_TCE_REMOVE", Refusals.RemoveWindow, StructureShape.Of<VfioIommuSpaprTceRemove>()),
        [VfioIoctl.EehPeOp] = With("EEH_PE_OP", Refusals.EehPeOp, StructureShape.Of<VfioEehPeOp>(
            [StructureShape.Of<VfioEehPeErr>()], ("op", FieldNames.Values(typeof(VfioEehPeOpCode), "VFIO_EEH_PE_")))),
    };

    private static readonly Dictionary<uint, VfioRequest> s_groups = new()
    {
        [VfioIoctl.GroupGetStatus] = With("GROUP_GET_STATUS", Refusals.GetStatus, StructureShape.Of<VfioGroupStatus>(null, ("flags", FieldNames.Bits(typeof(VfioGroupFlags), "VFIO_GROUP_FLAGS_")))),
        [VfioIoctl.GroupSetContainer] = new("GROUP_SET_CONTAINER", Refusals.SetContainer, VfioArgument.Descriptor, null),
        [VfioIoctl.GroupUnsetContainer] = Plain("GROUP_UNSET_CONTAINER", Refusals.UnsetContainer),
        [VfioIoctl.GroupGetDeviceFd] = new("GROUP_GET_DEVICE_FD", Refusals.GetDeviceFd, VfioArgument.Text, null),
    };

    private static readonly Dictionary<uint, VfioRequest> s_devices = new()
    {
        [VfioIoctl.DeviceGetInfo] = With("DEVICE_GET_INFO", Refusals.DeviceGetInfo, StructureShape.Of<VfioDeviceInfo>(null, ("flags", FieldNames.Bits(typeof(VfioDeviceFlags), "VFIO_DEVICE_FLAGS_")))),
        [VfioIoctl.DeviceGetRegionInfo] = With("DEVICE_GET_REGION_INFO", Refusals.GetRegionInfo, StructureShape.Of<VfioRegionInfo>(
            null, ("flags", FieldNames.Bits(typeof(VfioRegionInfoFlags), "VFIO_REGION_INFO_FLAG_")), ("index", s_regionIndexes))),
        [VfioIoctl.DeviceGetIrqInfo] = With("DEVICE_GET_IRQ_INFO", Refusals.GetIrqInfo, StructureShape.Of<VfioIrqInfo>(
            null, ("flags", FieldNames.Bits(typeof(VfioIrqInfoFlags), "VFIO_IRQ_INFO_")), ("index", s_irqIndexes))),
        [VfioIoctl.DeviceSetIrqs] = new("DEVICE_SET_IRQS", Refusals.SetIrqs, VfioArgument.Structure, StructureShape.Of<VfioIrqSet>(
            null, ("flags", FieldNames.Bits(typeof(VfioIrqSetFlags), "VFIO_IRQ_SET_")), ("index", s_irqIndexes)), descriptorsFollow: true),
        [VfioIoctl.DeviceReset] = Plain("DEVICE_RESET", Refusals.Reset),
        [VfioIoctl.DeviceGetPciHotResetInfo] = With("DEVICE_GET_PCI_HOT_RESET_INFO", "GET_PCI_HOT_RESET_INFO", StructureShape.Of<VfioPciHotResetInfo>(
            null, ("flags", FieldNames.Bits(typeof(VfioPciHotResetFlags), "VFIO_PCI_HOT_RESET_FLAG_")))),
        [VfioIoctl.DevicePciHotReset] = new("DEVICE_PCI_HOT_RESET", "PCI_HOT_RESET", VfioArgument.Structure, StructureShape.Of<VfioPciHotReset>(), descriptorsFollow: true),
        [VfioIoctl.DeviceIoeventfd] = With("DEVICE_IOEVENTFD", "IOEVENTFD", StructureShape.Of<VfioDeviceIoeventfd>(null, ("flags", FieldNames.Bits(typeof(VfioDeviceIoeventfdFlags), "VFIO_DEVICE_IOEVENTFD_")))),
        [VfioIoctl.DeviceFeature] = With("DEVICE_FEATURE", "DEVICE_FEATURE", StructureShape.Of<VfioDeviceFeature>(null, ("flags", FieldNames.ValueBelowBits(
            typeof(VfioDeviceFeatureId), "VFIO_DEVICE_FEATURE_", VfioDeviceFeatureFlags.Mask, FieldNames.Bits(typeof(VfioDeviceFeatureFlags), "VFIO_DEVICE_FEATURE_"))))),
    };

    private static VfioRequest Plain(string name, string operation) => new(name, operation, VfioArgument.None, null);

    private static VfioRequest With(string name, string operation, StructureShape structure) => new(name, operation, VfioArgument.Structure, structure);
}
