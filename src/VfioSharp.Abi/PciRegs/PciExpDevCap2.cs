// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the second device capabilities register.</summary>
public static class PciExpDevCap2
{
    /// <summary><c>PCI_EXP_DEVCAP2_COMP_TMOUT_DIS</c>: completion timeout can be turned off.</summary>
    [CName("PCI_EXP_DEVCAP2_COMP_TMOUT_DIS")]
    public const int CompTmoutDis = 0x10;

    /// <summary><c>PCI_EXP_DEVCAP2_ARI</c>: alternative routing forwarded.</summary>
    [CName("PCI_EXP_DEVCAP2_ARI")]
    public const int Ari = 0x20;

    /// <summary><c>PCI_EXP_DEVCAP2_ATOMIC_ROUTE</c>: routes AtomicOps.</summary>
    [CName("PCI_EXP_DEVCAP2_ATOMIC_ROUTE")]
    public const int AtomicRoute = 0x40;

    /// <summary><c>PCI_EXP_DEVCAP2_ATOMIC_COMP32</c>: completes 32-bit AtomicOps.</summary>
    [CName("PCI_EXP_DEVCAP2_ATOMIC_COMP32")]
    public const int AtomicComp32 = 0x80;

    /// <summary><c>PCI_EXP_DEVCAP2_ATOMIC_COMP64</c>: completes 64-bit AtomicOps.</summary>
    [CName("PCI_EXP_DEVCAP2_ATOMIC_COMP64")]
    public const int AtomicComp64 = 0x0100;

    /// <summary><c>PCI_EXP_DEVCAP2_ATOMIC_COMP128</c>: completes 128-bit AtomicOps.</summary>
    [CName("PCI_EXP_DEVCAP2_ATOMIC_COMP128")]
    public const int AtomicComp128 = 0x0200;

    /// <summary><c>PCI_EXP_DEVCAP2_LTR</c>: latency tolerance reporting.</summary>
    [CName("PCI_EXP_DEVCAP2_LTR")]
    public const int Ltr = 0x0800;

    /// <summary><c>PCI_EXP_DEVCAP2_OBFF_MASK</c>: buffer flush and fill.</summary>
    [CName("PCI_EXP_DEVCAP2_OBFF_MASK")]
    public const int ObffMask = 0x0C0000;

    /// <summary><c>PCI_EXP_DEVCAP2_EE_PREFIX</c>: end-end prefixes.</summary>
    [CName("PCI_EXP_DEVCAP2_EE_PREFIX")]
    public const int EePrefix = 0x200000;
}
