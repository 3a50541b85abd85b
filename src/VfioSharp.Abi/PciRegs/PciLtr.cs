// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets of the latency tolerance capability.</summary>
public static class PciLtr
{
    /// <summary><c>PCI_LTR_MAX_SNOOP_LAT</c>: longest latency with snoop.</summary>
    [CName("PCI_LTR_MAX_SNOOP_LAT")]
    public const int MaxSnoopLat = 0x04;

    /// <summary><c>PCI_LTR_MAX_NOSNOOP_LAT</c>: longest latency without snoop.</summary>
    [CName("PCI_LTR_MAX_NOSNOOP_LAT")]
    public const int MaxNosnoopLat = 0x06;
}
