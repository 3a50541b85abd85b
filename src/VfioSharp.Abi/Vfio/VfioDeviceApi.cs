// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Names by which a mediated device says whose interface it has.</summary>
public static class VfioDeviceApi
{
    /// <summary><c>VFIO_DEVICE_API_PCI_STRING</c>: interface of vfio-pci.</summary>
    [CName("VFIO_DEVICE_API_PCI_STRING")]
    public const string Pci = "vfio-pci";

    /// <summary><c>VFIO_DEVICE_API_PLATFORM_STRING</c>: interface of vfio-platform.</summary>
    [CName("VFIO_DEVICE_API_PLATFORM_STRING")]
    public const string Platform = "vfio-platform";

    /// <summary><c>VFIO_DEVICE_API_AMBA_STRING</c>: interface of vfio-amba.</summary>
    [CName("VFIO_DEVICE_API_AMBA_STRING")]
    public const string Amba = "vfio-amba";

    /// <summary><c>VFIO_DEVICE_API_CCW_STRING</c>: interface of vfio-ccw.</summary>
    [CName("VFIO_DEVICE_API_CCW_STRING")]
    public const string Ccw = "vfio-ccw";

    /// <summary><c>VFIO_DEVICE_API_AP_STRING</c>: interface of vfio-ap.</summary>
    [CName("VFIO_DEVICE_API_AP_STRING")]
    public const string Ap = "vfio-ap";
}
