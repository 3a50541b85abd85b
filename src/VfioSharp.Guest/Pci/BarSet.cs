// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Guest.Memory;
using VfioSharp.Pci;
using PciCommand = VfioSharp.Pci.PciCommand;

namespace VfioSharp.Guest.Pci;

/// <summary>The base address registers of a device: their bits in its configuration image, and their regions on its bus.</summary>
/// <param name="config">The device's configuration image.</param>
/// <param name="placing">Called before a region appears somewhere, with its address.</param>
internal sealed class BarSet(ConfigImage config, Action<GuestBar> placing)
{
    private readonly List<GuestBar> _bars = [];

    public IReadOnlyList<GuestBar> All => _bars;

    public GuestBar? Find(int index) => _bars.Find(bar => bar.Index == index);

    /// <summary>Gives a register its region; it appears on the bus when the guest places it.</summary>
    public void Add(GuestBar bar)
    {
        _bars.Add(bar);
        int register = RegisterOf(bar.Index);
        ulong writable = ~(bar.Size - 1);
        if (bar.Index == GuestBar.Rom)
        {
            config.Set(register, 4, 0, (uint)writable | PciRomAddress.Enable);
            return;
        }

        config.Set(register, 4, (uint)bar.Kind, (uint)writable);
        if (bar.Kind.HasFlag(BarKind.Memory64)) config.Set(register + 4, 4, 0, (uint)(writable >> 32));
    }

    /// <summary>Puts each region where its register and COMMAND say, after either was written.</summary>
    public void Place(GuestPciBus bus)
    {
        // One change, however many move: nobody sees a BAR at neither place.
        using MemoryTopology.Transaction change = bus.Memory.Topology.Change();
        foreach (GuestBar bar in _bars)
        {
            ulong? address = AddressOf(bar);
            if (address == bar.Address) continue;
            ContainerRegion target = bar.Kind.HasFlag(BarKind.Ports) ? bus.Ports : bus.Memory;
            if (bar.Address is not null) target.Remove(bar.Region);
            bar.Address = address;
            if (address is not { } at) continue;
            placing(bar);

            // One that was made larger than it decodes lies below the others.
            target.Add(bar.Region, at, bar.Region.Size > bar.Size ? 0 : 1);
        }
    }

    /// <summary>Takes all regions off the bus.</summary>
    public void TakeAway(GuestPciBus bus)
    {
        using MemoryTopology.Transaction change = bus.Memory.Topology.Change();
        foreach (GuestBar bar in _bars)
        {
            if (bar.Address is null) continue;
            (bar.Kind.HasFlag(BarKind.Ports) ? bus.Ports : bus.Memory).Remove(bar.Region);
            bar.Address = null;
        }
    }

    /// <summary>The registers' addresses go back to 0, as a reset has it.</summary>
    public void Clear()
    {
        foreach (GuestBar bar in _bars)
        {
            int register = RegisterOf(bar.Index);
            config.Set(register, 4, bar.Index == GuestBar.Rom ? 0 : (uint)bar.Kind);
            if (bar.Kind.HasFlag(BarKind.Memory64)) config.Set(register + 4, 4, 0);
        }
    }

    public static int RegisterOf(int index) => index == GuestBar.Rom ? ConfigOffset.RomBar : ConfigOffset.Bar0 + (4 * index);

    // What lies beyond the address space is not decoded: so reads a register that is being sized (hw/pci/pci.c: pci_bar_address).
    private ulong? AddressOf(GuestBar bar)
    {
        PciCommand decoding = bar.Kind.HasFlag(BarKind.Ports) ? PciCommand.Io : PciCommand.Memory;
        if ((config.Command & decoding) == 0) return null;
        int register = RegisterOf(bar.Index);
        bool isLong = bar.Kind.HasFlag(BarKind.Memory64);
        if (bar.Index == GuestBar.Rom && (config.Read(register, 1) & PciRomAddress.Enable) == 0) return null;
        ulong address = (isLong ? config.Read64(register) : config.Read(register, 4)) & ~(bar.Size - 1);
        ulong last = unchecked(address + bar.Size - 1);
        return last < address || last == ulong.MaxValue || (!isLong && last >= uint.MaxValue) ? null : address;
    }
}
