// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Capability numbers behind <see cref="VfioDeviceInfo"/>.</summary>
public static class VfioDeviceInfoCap
{
    /// <summary><c>VFIO_DEVICE_INFO_CAP_ZPCI_BASE</c>: s390: base values of the function.</summary>
    [CName("VFIO_DEVICE_INFO_CAP_ZPCI_BASE")]
    public const uint ZpciBase = 1;

    /// <summary><c>VFIO_DEVICE_INFO_CAP_ZPCI_GROUP</c>: s390: values of the function's group.</summary>
    [CName("VFIO_DEVICE_INFO_CAP_ZPCI_GROUP")]
    public const uint ZpciGroup = 2;

    /// <summary><c>VFIO_DEVICE_INFO_CAP_ZPCI_UTIL</c>: s390: utility string.</summary>
    [CName("VFIO_DEVICE_INFO_CAP_ZPCI_UTIL")]
    public const uint ZpciUtil = 3;

    /// <summary><c>VFIO_DEVICE_INFO_CAP_ZPCI_PFIP</c>: s390: physical function path.</summary>
    [CName("VFIO_DEVICE_INFO_CAP_ZPCI_PFIP")]
    public const uint ZpciPfip = 4;

    /// <summary><c>VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP</c>: widths of AtomicOps that the root completes.</summary>
    [CName("VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP")]
    [SinceLinux("6.5")]
    public const uint PciAtomicComp = 5;
}
