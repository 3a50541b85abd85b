// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Values of <see cref="IommuHwInfo.OutDataType"/>.</summary>
public static class IommuHwInfoType
{
    /// <summary><c>IOMMU_HW_INFO_TYPE_NONE</c>: no description.</summary>
    [CName("IOMMU_HW_INFO_TYPE_NONE")]
    [SinceLinux("6.6")]
    public const uint None = 0;

    /// <summary><c>IOMMU_HW_INFO_TYPE_DEFAULT</c>: whatever the device has.</summary>
    [CName("IOMMU_HW_INFO_TYPE_DEFAULT")]
    [SinceLinux("6.17")]
    public const uint Default = 0;

    /// <summary><c>IOMMU_HW_INFO_TYPE_INTEL_VTD</c>: <see cref="IommuHwInfoVtd"/>.</summary>
    [CName("IOMMU_HW_INFO_TYPE_INTEL_VTD")]
    [SinceLinux("6.6")]
    public const uint IntelVtd = 1;

    /// <summary><c>IOMMU_HW_INFO_TYPE_ARM_SMMUV3</c>: <see cref="IommuHwInfoArmSmmuv3"/>.</summary>
    [CName("IOMMU_HW_INFO_TYPE_ARM_SMMUV3")]
    [SinceLinux("6.13")]
    public const uint ArmSmmuv3 = 2;

    /// <summary><c>IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV</c>: <see cref="IommuHwInfoTegra241Cmdqv"/>.</summary>
    [CName("IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV")]
    [SinceLinux("6.17")]
    public const uint Tegra241Cmdqv = 3;

    /// <summary><c>IOMMU_HW_INFO_TYPE_AMD</c>: <see cref="IommuHwInfoAmd"/>.</summary>
    [CName("IOMMU_HW_INFO_TYPE_AMD")]
    [SinceLinux("7.0")]
    public const uint Amd = 4;
}

/// <summary>Bits of <see cref="IommuHwInfo.OutCapabilities"/>.</summary>
public static class IommufdHwCapabilities
{
    /// <summary><c>IOMMU_HW_CAP_DIRTY_TRACKING</c>: dirty tracking.</summary>
    [CName("IOMMU_HW_CAP_DIRTY_TRACKING")]
    [SinceLinux("6.7")]
    public const uint DirtyTracking = 1u << 0;

    /// <summary><c>IOMMU_HW_CAP_PCI_PASID_EXEC</c>: execute permission for process address spaces.</summary>
    [CName("IOMMU_HW_CAP_PCI_PASID_EXEC")]
    [SinceLinux("6.15")]
    public const uint PciPasidExec = 1u << 1;

    /// <summary><c>IOMMU_HW_CAP_PCI_PASID_PRIV</c>: privileged mode for process address spaces.</summary>
    [CName("IOMMU_HW_CAP_PCI_PASID_PRIV")]
    [SinceLinux("6.15")]
    public const uint PciPasidPriv = 1u << 2;

    /// <summary><c>IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED</c>: no address translation services.</summary>
    [CName("IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED")]
    [SinceLinux("7.1")]
    public const uint PciAtsNotSupported = 1u << 3;
}

/// <summary>Bits of <see cref="IommuHwInfo.Flags"/>.</summary>
public static class IommufdHwInfoFlags
{
    /// <summary><c>IOMMU_HW_INFO_FLAG_INPUT_TYPE</c>: the caller says which description it wants.</summary>
    [CName("IOMMU_HW_INFO_FLAG_INPUT_TYPE")]
    [SinceLinux("6.17")]
    public const uint InputType = 1u << 0;
}

/// <summary><c>struct iommu_hw_info</c>: Argument of GET_HW_INFO.</summary>
[CName("iommu_hw_info")]
[SinceLinux("6.6")]
[StructLayout(LayoutKind.Explicit)]
public struct IommuHwInfo
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    [FieldOffset(0)]
    public uint Size;

    /// <summary><c>flags</c>: Bits of <see cref="IommufdHwInfoFlags"/>.</summary>
    [FieldOffset(4)]
    public uint Flags;

    /// <summary><c>dev_id</c>: The device.</summary>
    [FieldOffset(8)]
    public uint DevId;

    /// <summary><c>data_len</c>: Bytes of the buffer; replaced by those there are.</summary>
    [FieldOffset(12)]
    public uint DataLen;

    /// <summary><c>data_uptr</c>: Pointer to the buffer.</summary>
    [FieldOffset(16)]
    public ulong DataUptr;

    /// <summary><c>in_data_type</c>: Description wanted, one of <see cref="IommuHwInfoType"/>.</summary>
    [SinceLinux("6.17")]
    [FieldOffset(24)]
    public uint InDataType;

    /// <summary><c>out_data_type</c>: Description given, one of <see cref="IommuHwInfoType"/>.</summary>
    [FieldOffset(24)]
    public uint OutDataType;

    /// <summary><c>out_max_pasid_log2</c>: Bits of a process address space number; 0 without them.</summary>
    [SinceLinux("6.15")]
    [FieldOffset(28)]
    public byte OutMaxPasidLog2;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    [FieldOffset(29)]
    public InlineArray3<byte> Reserved;

    /// <summary><c>out_capabilities</c>: Bits of <see cref="IommufdHwCapabilities"/>.</summary>
    [SinceLinux("6.7")]
    [FieldOffset(32)]
    public ulong OutCapabilities;
}
