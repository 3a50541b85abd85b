// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the second device control register.</summary>
public static class PciExpDevCtl2
{
    /// <summary><c>PCI_EXP_DEVCTL2_COMP_TIMEOUT</c>: completion timeout value.</summary>
    [CName("PCI_EXP_DEVCTL2_COMP_TIMEOUT")]
    public const int CompTimeout = 0x0F;

    /// <summary><c>PCI_EXP_DEVCTL2_COMP_TMOUT_DIS</c>: completion timeout off.</summary>
    [CName("PCI_EXP_DEVCTL2_COMP_TMOUT_DIS")]
    public const int CompTmoutDis = 0x10;

    /// <summary><c>PCI_EXP_DEVCTL2_ARI</c>: alternative routing.</summary>
    [CName("PCI_EXP_DEVCTL2_ARI")]
    public const int Ari = 0x20;

    /// <summary><c>PCI_EXP_DEVCTL2_ATOMIC_REQ</c>: may start AtomicOps.</summary>
    [CName("PCI_EXP_DEVCTL2_ATOMIC_REQ")]
    public const int AtomicReq = 0x40;

    /// <summary><c>PCI_EXP_DEVCTL2_ATOMIC_EGRESS_BLOCK</c>: blocks AtomicOps on egress.</summary>
    [CName("PCI_EXP_DEVCTL2_ATOMIC_EGRESS_BLOCK")]
    public const int AtomicEgressBlock = 0x80;

    /// <summary><c>PCI_EXP_DEVCTL2_IDO_REQ_EN</c>: ID-based ordering of requests.</summary>
    [CName("PCI_EXP_DEVCTL2_IDO_REQ_EN")]
    public const int IdoReqEn = 0x0100;

    /// <summary><c>PCI_EXP_DEVCTL2_IDO_CMP_EN</c>: ID-based ordering of completions.</summary>
    [CName("PCI_EXP_DEVCTL2_IDO_CMP_EN")]
    public const int IdoCmpEn = 0x0200;

    /// <summary><c>PCI_EXP_DEVCTL2_LTR_EN</c>: latency tolerance reporting.</summary>
    [CName("PCI_EXP_DEVCTL2_LTR_EN")]
    public const int LtrEn = 0x0400;
}
