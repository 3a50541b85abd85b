// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Pci;

namespace VfioSharp.Host.VfioPci;

/// <summary>Where a function's MSI-X table is.</summary>
/// <param name="Bar">Its BAR; 255 when there is no table.</param>
/// <param name="Offset">Where it begins in the BAR.</param>
/// <param name="Size">Its bytes.</param>
internal readonly record struct MsixTable(int Bar, ulong Offset, ulong Size)
{
    /// <summary>Finds the table of a function.</summary>
    public static MsixTable Find(ConfigView view)
    {
        int position = view.FindCapability(PciCapabilityId.MsiX);
        if (position == 0) return new MsixTable(255, 0, 0);
        uint table = view.Read32(position + PciMsix.Table);
        int entries = (view.Read16(position + PciMsix.Flags) & PciMsix.FlagsQsize) + 1;
        return new MsixTable((int)(table & PciMsix.TableBir), table & PciMsix.TableOffset, (ulong)(entries * PciMsix.EntrySize));
    }
}
