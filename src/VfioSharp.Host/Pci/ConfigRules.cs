// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Pci;
using PciCommand = VfioSharp.Pci.PciCommand;
using PciStatus = VfioSharp.Pci.PciStatus;

namespace VfioSharp.Host.Pci;

/// <summary>Which configuration bits are writable, by the PCI rules of the header and of each capability.</summary>
internal static class ConfigRules
{
    private const ushort WritableCommand = (ushort)(PciCommand.Io | PciCommand.Memory | PciCommand.Master |
                                                    PciCommand.Serr | PciCommand.IntxDisable);

    /// <summary>Fills the masks of a function with the given first bytes.</summary>
    public static void Fill(
        ConfigView view, IReadOnlyList<PciBar> bars, ConfigEmulation emulation, bool isVirtual, Span<byte> writable, Span<byte> clearedByOnes)
    {
        if (emulation == ConfigEmulation.Qemu) writable[ConfigOffset.HeaderSize..].Fill(0xff);
        Header(view, bars, writable, clearedByOnes);
        // Of a virtual function's COMMAND only bus mastering is its own; QEMU's keep the other bits all the same.
        if (isVirtual && emulation != ConfigEmulation.Qemu) Set16(writable, ConfigOffset.Command, (ushort)PciCommand.Master);
        int position = view.FirstCapability;
        for (int steps = 0; position != 0 && steps < 48; steps++)
        {
            int length = Math.Min(CapabilityLength.Of(view, position), writable.Length - position);
            writable.Slice(position, length).Clear();
            Capability(view, position, writable, clearedByOnes);
            position = view.NextCapability(position);
        }

        if (writable.Length > ConfigOffset.ConventionalSize) Extended(view, writable);
    }

    private static void Header(ConfigView view, IReadOnlyList<PciBar> bars, Span<byte> writable, Span<byte> clearedByOnes)
    {
        Set16(writable, ConfigOffset.Command, WritableCommand);
        Set16(clearedByOnes, ConfigOffset.Status, (ushort)PciStatus.Errors);
        writable[ConfigOffset.CacheLineSize] = 0xff;
        writable[ConfigOffset.InterruptLine] = 0xff;
        if (view.IsBridge)
        {
            // Bus numbers and windows: 0x18–0x1a, 0x1c–0x1d, 0x20–0x2f; bridge control.
            writable.Slice(0x18, 3).Fill(0xff);
            writable.Slice(0x1c, 2).Fill(0xf0);
            writable.Slice(0x20, 0x10).Fill(0xff);
            Set16(writable, ConfigOffset.BridgeControl, 0x0fff);
        }

        int rom = view.IsBridge ? ConfigOffset.BridgeRomBar : ConfigOffset.RomBar;
        foreach (PciBar bar in bars)
        {
            if (bar.Size == 0) continue;
            ulong mask = ~(bar.Size - 1);
            if (bar.Index == 6)
            {
                Set32(writable, rom, (uint)mask | 1);
                continue;
            }

            int offset = ConfigOffset.Bar0 + (4 * bar.Index);
            Set32(writable, offset, (uint)mask & (bar.IsIo ? ~3u : ~0xfu));
            if (bar.Is64Bit) Set32(writable, offset + 4, (uint)(mask >> 32));
        }
    }

    private static void Capability(ConfigView view, int position, Span<byte> writable, Span<byte> clearedByOnes)
    {
        switch ((PciCapabilityId)view.Read8(position))
        {
            case PciCapabilityId.PowerManagement:
                // Power state, PME enable and data select; PME status is cleared by a one.
                Set16(writable, position + 4, 0x1f03);
                Set16(clearedByOnes, position + 4, 0x8000);
                break;
            case PciCapabilityId.Msi:
                Msi(view.Read16(position + 2), position, writable);
                break;
            case PciCapabilityId.MsiX:
                Set16(writable, position + 2, 0xc000);
                break;
            case PciCapabilityId.Express:
                // Device control; device status is cleared by ones; device control 2.
                Set16(writable, position + 8, 0x70e0);
                Set16(clearedByOnes, position + 10, 0x000f);
                break;
            default:
                break;
        }
    }

    private static void Msi(ushort control, int position, Span<byte> writable)
    {
        Set16(writable, position + 2, 0x0071);
        Set32(writable, position + 4, 0xfffffffc);
        bool wide = (control & 0x80) != 0;
        if (wide) Set32(writable, position + 8, 0xffffffff);
        int data = position + (wide ? 12 : 8);
        Set16(writable, data, 0xffff);
        if ((control & 0x100) != 0) Set32(writable, data + 4, 0xffffffff);
    }

    private static void Extended(ConfigView view, Span<byte> writable)
    {
        int position = ConfigOffset.ConventionalSize;
        for (int steps = 0; steps < 480; steps++)
        {
            // The header at least, even of an empty list.
            writable.Slice(position, 4).Clear();
            uint header = view.Read32(position);
            if (header is 0 or uint.MaxValue) return;
            if ((PciExtendedCapabilityId)(header & 0xffff) == PciExtendedCapabilityId.SingleRootIov && position + PciSriov.NumVf + 2 <= writable.Length)
            {
                Set16(writable, position + PciSriov.Control, PciSriov.ControlVfEnable | PciSriov.ControlMemory | PciSriov.ControlAri);
                Set16(writable, position + PciSriov.NumVf, 0xffff);
            }

            position = (int)(header >> 20) & 0xffc;
            if (position < ConfigOffset.ConventionalSize) return;
        }
    }

    // Registers of a capability that does not fit at the end of configuration space are not there.
    private static void Set16(Span<byte> masks, int offset, ushort value)
    {
        if (offset + 2 <= masks.Length) BinaryPrimitives.WriteUInt16LittleEndian(masks[offset..], value);
    }

    private static void Set32(Span<byte> masks, int offset, uint value)
    {
        if (offset + 4 <= masks.Length) BinaryPrimitives.WriteUInt32LittleEndian(masks[offset..], value);
    }
}
