// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Sizes of extended capabilities.</summary>
public static class PciExtCapSize
{
    /// <summary><c>PCI_EXT_CAP_DSN_SIZEOF</c>: device serial number.</summary>
    [CName("PCI_EXT_CAP_DSN_SIZEOF")]
    public const int Dsn = 12;

    /// <summary><c>PCI_EXT_CAP_MCAST_ENDPOINT_SIZEOF</c>: multicast of an endpoint.</summary>
    [CName("PCI_EXT_CAP_MCAST_ENDPOINT_SIZEOF")]
    public const int McastEndpoint = 40;

    /// <summary><c>PCI_EXT_CAP_PWR_SIZEOF</c>: power budgeting.</summary>
    [CName("PCI_EXT_CAP_PWR_SIZEOF")]
    public const int Pwr = 0x10;

    /// <summary><c>PCI_EXT_CAP_ARI_SIZEOF</c>: alternative routing.</summary>
    [CName("PCI_EXT_CAP_ARI_SIZEOF")]
    public const int Ari = 8;

    /// <summary><c>PCI_EXT_CAP_ATS_SIZEOF</c>: address translation services.</summary>
    [CName("PCI_EXT_CAP_ATS_SIZEOF")]
    public const int Ats = 8;

    /// <summary><c>PCI_EXT_CAP_PRI_SIZEOF</c>: page requests.</summary>
    [CName("PCI_EXT_CAP_PRI_SIZEOF")]
    public const int Pri = 16;

    /// <summary><c>PCI_EXT_CAP_PASID_SIZEOF</c>: process address space numbers.</summary>
    [CName("PCI_EXT_CAP_PASID_SIZEOF")]
    public const int Pasid = 8;

    /// <summary><c>PCI_EXT_CAP_SRIOV_SIZEOF</c>: single root I/O virtualization.</summary>
    [CName("PCI_EXT_CAP_SRIOV_SIZEOF")]
    public const int Sriov = 0x40;

    /// <summary><c>PCI_EXT_CAP_LTR_SIZEOF</c>: latency tolerance reporting.</summary>
    [CName("PCI_EXT_CAP_LTR_SIZEOF")]
    public const int Ltr = 8;

    /// <summary><c>PCI_CAP_VC_BASE_SIZEOF</c>: virtual channel, common part.</summary>
    [CName("PCI_CAP_VC_BASE_SIZEOF")]
    public const int VcBase = 0x10;

    /// <summary><c>PCI_CAP_VC_PER_VC_SIZEOF</c>: virtual channel, each channel.</summary>
    [CName("PCI_CAP_VC_PER_VC_SIZEOF")]
    public const int VcEach = 0x0C;

    /// <summary><c>PCI_DPA_BASE_SIZEOF</c>: dynamic power allocation, common part.</summary>
    [CName("PCI_DPA_BASE_SIZEOF")]
    public const int DpaBase = 16;

    /// <summary><c>PCI_TPH_BASE_SIZEOF</c>: processing hints, common part.</summary>
    [CName("PCI_TPH_BASE_SIZEOF")]
    public const int TphBase = 0x0C;
}
