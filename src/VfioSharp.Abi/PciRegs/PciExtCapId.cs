// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Numbers of extended capabilities.</summary>
public static class PciExtCapId
{
    /// <summary><c>PCI_EXT_CAP_ID_ERR</c>: advanced error reporting.</summary>
    [CName("PCI_EXT_CAP_ID_ERR")]
    public const int Err = 0x01;

    /// <summary><c>PCI_EXT_CAP_ID_VC</c>: virtual channel.</summary>
    [CName("PCI_EXT_CAP_ID_VC")]
    public const int Vc = 0x02;

    /// <summary><c>PCI_EXT_CAP_ID_DSN</c>: device serial number.</summary>
    [CName("PCI_EXT_CAP_ID_DSN")]
    public const int Dsn = 0x03;

    /// <summary><c>PCI_EXT_CAP_ID_PWR</c>: power budgeting.</summary>
    [CName("PCI_EXT_CAP_ID_PWR")]
    public const int Pwr = 0x04;

    /// <summary><c>PCI_EXT_CAP_ID_RCLD</c>: root complex links.</summary>
    [CName("PCI_EXT_CAP_ID_RCLD")]
    public const int Rcld = 0x05;

    /// <summary><c>PCI_EXT_CAP_ID_RCILC</c>: root complex internal link.</summary>
    [CName("PCI_EXT_CAP_ID_RCILC")]
    public const int Rcilc = 0x06;

    /// <summary><c>PCI_EXT_CAP_ID_RCEC</c>: root complex event collector.</summary>
    [CName("PCI_EXT_CAP_ID_RCEC")]
    public const int Rcec = 0x07;

    /// <summary><c>PCI_EXT_CAP_ID_MFVC</c>: virtual channel of several functions.</summary>
    [CName("PCI_EXT_CAP_ID_MFVC")]
    public const int Mfvc = 0x08;

    /// <summary><c>PCI_EXT_CAP_ID_VC9</c>: virtual channel of a function under MFVC.</summary>
    [CName("PCI_EXT_CAP_ID_VC9")]
    public const int Vc9 = 0x09;

    /// <summary><c>PCI_EXT_CAP_ID_RCRB</c>: root complex registers.</summary>
    [CName("PCI_EXT_CAP_ID_RCRB")]
    public const int Rcrb = 0x0A;

    /// <summary><c>PCI_EXT_CAP_ID_VNDR</c>: vendor specific.</summary>
    [CName("PCI_EXT_CAP_ID_VNDR")]
    public const int Vndr = 0x0B;

    /// <summary><c>PCI_EXT_CAP_ID_CAC</c>: configuration access correlation.</summary>
    [CName("PCI_EXT_CAP_ID_CAC")]
    public const int Cac = 0x0C;

    /// <summary><c>PCI_EXT_CAP_ID_ACS</c>: access control services.</summary>
    [CName("PCI_EXT_CAP_ID_ACS")]
    public const int Acs = 0x0D;

    /// <summary><c>PCI_EXT_CAP_ID_ARI</c>: alternative routing.</summary>
    [CName("PCI_EXT_CAP_ID_ARI")]
    public const int Ari = 0x0E;

    /// <summary><c>PCI_EXT_CAP_ID_ATS</c>: address translation services.</summary>
    [CName("PCI_EXT_CAP_ID_ATS")]
    public const int Ats = 0x0F;

    /// <summary><c>PCI_EXT_CAP_ID_SRIOV</c>: single root I/O virtualization.</summary>
    [CName("PCI_EXT_CAP_ID_SRIOV")]
    public const int Sriov = 0x10;

    /// <summary><c>PCI_EXT_CAP_ID_MRIOV</c>: multi root I/O virtualization.</summary>
    [CName("PCI_EXT_CAP_ID_MRIOV")]
    public const int Mriov = 0x11;

    /// <summary><c>PCI_EXT_CAP_ID_MCAST</c>: multicast.</summary>
    [CName("PCI_EXT_CAP_ID_MCAST")]
    public const int Mcast = 0x12;

    /// <summary><c>PCI_EXT_CAP_ID_PRI</c>: page requests.</summary>
    [CName("PCI_EXT_CAP_ID_PRI")]
    public const int Pri = 0x13;

    /// <summary><c>PCI_EXT_CAP_ID_AMD_XXX</c>: reserved for AMD.</summary>
    [CName("PCI_EXT_CAP_ID_AMD_XXX")]
    public const int ReservedAmd = 0x14;

    /// <summary><c>PCI_EXT_CAP_ID_REBAR</c>: resizable base address registers.</summary>
    [CName("PCI_EXT_CAP_ID_REBAR")]
    public const int Rebar = 0x15;

    /// <summary><c>PCI_EXT_CAP_ID_DPA</c>: dynamic power allocation.</summary>
    [CName("PCI_EXT_CAP_ID_DPA")]
    public const int Dpa = 0x16;

    /// <summary><c>PCI_EXT_CAP_ID_TPH</c>: processing hints.</summary>
    [CName("PCI_EXT_CAP_ID_TPH")]
    public const int Tph = 0x17;

    /// <summary><c>PCI_EXT_CAP_ID_LTR</c>: latency tolerance reporting.</summary>
    [CName("PCI_EXT_CAP_ID_LTR")]
    public const int Ltr = 0x18;

    /// <summary><c>PCI_EXT_CAP_ID_SECPCI</c>: secondary PCI Express.</summary>
    [CName("PCI_EXT_CAP_ID_SECPCI")]
    public const int Secpci = 0x19;

    /// <summary><c>PCI_EXT_CAP_ID_PMUX</c>: protocol multiplexing.</summary>
    [CName("PCI_EXT_CAP_ID_PMUX")]
    public const int Pmux = 0x1A;

    /// <summary><c>PCI_EXT_CAP_ID_PASID</c>: process address space numbers.</summary>
    [CName("PCI_EXT_CAP_ID_PASID")]
    public const int Pasid = 0x1B;

    /// <summary><c>PCI_EXT_CAP_ID_DPC</c>: downstream port containment.</summary>
    [CName("PCI_EXT_CAP_ID_DPC")]
    public const int Dpc = 0x1D;

    /// <summary><c>PCI_EXT_CAP_ID_L1SS</c>: L1 substates.</summary>
    [CName("PCI_EXT_CAP_ID_L1SS")]
    public const int L1Ss = 0x1E;

    /// <summary><c>PCI_EXT_CAP_ID_PTM</c>: precision time.</summary>
    [CName("PCI_EXT_CAP_ID_PTM")]
    public const int Ptm = 0x1F;

    /// <summary><c>PCI_EXT_CAP_ID_DVSEC</c>: designated vendor specific.</summary>
    [CName("PCI_EXT_CAP_ID_DVSEC")]
    public const int Dvsec = 0x23;

    /// <summary><c>PCI_EXT_CAP_ID_VF_REBAR</c>: resizable base address registers of virtual functions.</summary>
    [CName("PCI_EXT_CAP_ID_VF_REBAR")]
    [SinceLinux("6.16")]
    public const int VfRebar = 0x24;

    /// <summary><c>PCI_EXT_CAP_ID_DLF</c>: data link features.</summary>
    [CName("PCI_EXT_CAP_ID_DLF")]
    public const int Dlf = 0x25;

    /// <summary><c>PCI_EXT_CAP_ID_PL_16GT</c>: physical layer 16 GT/s.</summary>
    [CName("PCI_EXT_CAP_ID_PL_16GT")]
    public const int Pl16gt = 0x26;

    /// <summary><c>PCI_EXT_CAP_ID_NPEM</c>: storage enclosure indicators.</summary>
    [CName("PCI_EXT_CAP_ID_NPEM")]
    [SinceLinux("6.12")]
    public const int Npem = 0x29;

    /// <summary><c>PCI_EXT_CAP_ID_PL_32GT</c>: physical layer 32 GT/s.</summary>
    [CName("PCI_EXT_CAP_ID_PL_32GT")]
    [SinceLinux("6.11")]
    public const int Pl32gt = 0x2A;

    /// <summary><c>PCI_EXT_CAP_ID_DOE</c>: data object exchange.</summary>
    [CName("PCI_EXT_CAP_ID_DOE")]
    public const int Doe = 0x2E;

    /// <summary><c>PCI_EXT_CAP_ID_DEV3</c>: device 3.</summary>
    [CName("PCI_EXT_CAP_ID_DEV3")]
    [SinceLinux("6.14")]
    public const int Dev3 = 0x2F;

    /// <summary><c>PCI_EXT_CAP_ID_IDE</c>: integrity and encryption.</summary>
    [CName("PCI_EXT_CAP_ID_IDE")]
    [SinceLinux("6.16")]
    public const int Ide = 0x30;

    /// <summary><c>PCI_EXT_CAP_ID_PL_64GT</c>: physical layer 64 GT/s.</summary>
    [CName("PCI_EXT_CAP_ID_PL_64GT")]
    [SinceLinux("6.14")]
    public const int Pl64gt = 0x31;

    /// <summary><c>PCI_EXT_CAP_ID_MAX</c>: highest number known.</summary>
    [CName("PCI_EXT_CAP_ID_MAX")]
    [SinceLinux("7.2")]
    public const int Max = 49;
}
