// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Pci;
using VfioSharp.Pci;
using PciCommand = VfioSharp.Pci.PciCommand;

namespace VfioSharp.Host.Eeh;

/// <summary>
/// A function of an endpoint (struct eeh_dev) with the part of its header that is put back after resets, saved when the
/// function was found (eeh.c: eeh_save_bars).
/// </summary>
internal sealed class EehMember
{
    // Answer to parity errors, SERR.
    private const PciCommand ErrorReports = (PciCommand)Abi.PciRegs.PciCommand.Parity | PciCommand.Serr;

    private readonly uint[] _saved = new uint[PciConfigSpace.HeaderSize / 4];
    private readonly bool _isBridge;

    public EehMember(PciFunction function)
    {
        Function = function;
        for (int i = 0; i < _saved.Length; i++) _saved[i] = function.ReadConfig(4 * i, 4);
        _isBridge = ((_saved[ConfigOffset.HeaderType / 4] >> 16) & 0x7f) == 1;
    }

    /// <summary>The function.</summary>
    public PciFunction Function { get; }

    /// <summary>Vendor and device id, as one word of configuration space.</summary>
    public uint Identity => _saved[0];

    /// <summary>Whether a VFIO user has it open.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether a function has a BAR in memory, where a load can fail.</summary>
    public static bool HasMemoryBar(PciFunction function) =>
        function.Bars.Any(bar => bar.Index < PciConfigSpace.BarCount && bar.IsMemory && bar.Size != 0 && bar.Start != 0);

    /// <summary>Puts the header back (eeh_pe.c: eeh_restore_device_bars, eeh_restore_bridge_bars).</summary>
    public void RestoreBars()
    {
        int last = _isBridge ? 12 : 9;
        for (int i = 4; i <= last; i++) Function.WriteConfig(4 * i, 4, _saved[i]);
        int rom = _isBridge ? 14 : 12;
        Function.WriteConfig(4 * rom, 4, _saved[rom]);
        Function.WriteConfig(PciHeader.CacheLineSize, 1, _saved[3] & 0xff);
        Function.WriteConfig(PciHeader.LatencyTimer, 1, (_saved[3] >> 8) & 0xff);
        Function.WriteConfig(4 * 15, 4, _saved[15]);
        var saved = (PciCommand)_saved[1];
        var now = (PciCommand)Function.ReadConfig(PciHeader.Command, 2);
        PciCommand wanted = _isBridge
            ? saved | PciCommand.Memory | PciCommand.Master
            : (now & ~ErrorReports) | (saved & ErrorReports);
        Function.WriteConfig(PciHeader.Command, 2, (uint)wanted & 0xffff);
    }

    /// <summary>Its BARs decode again if somebody uses it (pci_reenable_device).</summary>
    public void Reenable()
    {
        if (!IsOpen) return;
        var wanted = (PciCommand)Function.ReadConfig(PciHeader.Command, 2);
        foreach (PciBar bar in Function.Bars)
        {
            if (bar.Size != 0 && bar.Index < PciConfigSpace.BarCount) wanted |= bar.IsIo ? PciCommand.Io : PciCommand.Memory;
        }

        Function.WriteConfig(PciHeader.Command, 2, (uint)wanted & 0xffff);
    }
}
