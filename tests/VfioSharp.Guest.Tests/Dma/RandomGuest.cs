// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Guest.Spapr;
using VfioSharp.Guest.Tests.Memory;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Dma;

/// <summary>What may happen to a guest.</summary>
internal enum GuestAction
{
    PutEntry,
    StuffEntries,
    ToggleMemory,
    MoveMemory,
    PlugOrUnplug,
    PlaceRegisters,
    CreateWindow,
    RemoveWindow,
    ResetWindows,
    ResetMachine,
    SeveralAtOnce,
}

/// <summary>A step; numbers that do not fit are taken modulo what there is.</summary>
internal sealed record GuestStep(GuestAction Action, int Which, int Page, int Target, int Permission)
{
    public static Gen<List<GuestStep>> Many => Step.ListOf().Select(steps => steps.ToList());

    private static Gen<GuestStep> Step =>
        from action in Gen.Frequency(
            (8, Gen.Constant(GuestAction.PutEntry)), (2, Gen.Constant(GuestAction.StuffEntries)), (2, Gen.Constant(GuestAction.ToggleMemory)),
            (2, Gen.Constant(GuestAction.MoveMemory)), (4, Gen.Constant(GuestAction.PlugOrUnplug)), (2, Gen.Constant(GuestAction.PlaceRegisters)), (2, Gen.Constant(GuestAction.CreateWindow)),
            (1, Gen.Constant(GuestAction.RemoveWindow)), (1, Gen.Constant(GuestAction.ResetWindows)), (1, Gen.Constant(GuestAction.ResetMachine)),
            (1, Gen.Constant(GuestAction.SeveralAtOnce)))
        from which in Gen.Choose(0, 100)
        from page in Gen.Choose(0, RandomGuest.Pages - 1)
        from target in Gen.Choose(0, 1000)
        from permission in Gen.Frequency((1, Gen.Constant(0)), (1, Gen.Constant(1)), (1, Gen.Constant(2)), (4, Gen.Constant(3)))
        select new GuestStep(action, which, page, target, permission);
}

/// <summary>
/// A pseries guest with two bridges, and places for three devices that are assigned to it, on any host. Each page of its
/// memory begins with a number of its own.
/// </summary>
internal sealed class RandomGuest : IInterruptController, IAssignedDeviceEvents, IDisposable
{
    public const int Pages = 12;

    private const ulong Page = 0x1000;
    private const ulong Bank = 0x20000;
    private const int Banks = 3;
    private const int Places = 4;
    private const uint PageShift = 12;

    private readonly GuestMachine _machine;
    private readonly EventLoop _events;
    private readonly PseriesFirmware _firmware;
    private readonly RamRegion[] _banks = new RamRegion[Banks];
    private readonly (PciAddress Address, PseriesHostBridge Bridge)[] _slots;
    private readonly AssignedDevices _devices;
    private readonly int _ownDescriptors;
    private readonly Dictionary<PciAddress, AssignedPciDevice> _plugged = [];

    public RandomGuest(string machine)
    {
        _machine = new GuestMachine(machine);
        _events = new EventLoop(_machine.Kernel, new Lock());
        _ownDescriptors = _machine.Kernel.OpenDescriptors.Count;
        _devices = new AssignedDevices(_machine.Devices, this);
        for (int i = 0; i < Banks; i++)
        {
            _banks[i] = _machine.AddRam((ulong)i * Bank, Bank, $"bank {i}");
            for (ulong page = 0; page < Bank / Page; page++) _banks[i].Memory.Store(page * Page, 1, ((ulong)i * (Bank / Page)) + page + 1);
        }

        _firmware = new PseriesFirmware(_machine.Memory, this, _events);
        PseriesHostBridge first = _firmware.AddBridge(Options(0, machine));
        PseriesHostBridge second = _firmware.AddBridge(Options(1, machine));
        PciAddress[] devices = machine switch
        {
            "x86" => [new(0, 3, 0, 0), new(0, 0, 3, 0), new(0, 4, 0, 0)],
            "powernv9-4k" or "powernv9-64k" => [new(0, 1, 0, 0), new(1, 1, 0, 0), new(2, 1, 0, 0)],
            _ => [new(0, 0, 1, 0), new(1, 0, 1, 0), new(2, 0, 1, 0)],
        };
        _slots = [(devices[0], first), (devices[1], first), (devices[2], second)];
    }

    public bool ReportsEndOfInterrupt => true;

    public void SetLevel(int interrupt, bool asserted)
    {
    }

    public void Deliver(MsiMessage message)
    {
    }

    public void OnDeviceError(AssignedPciDevice device)
    {
    }

    public void OnUnplugRequested(AssignedPciDevice device)
    {
    }

    public void OnWarning(AssignedPciDevice device, string message)
    {
    }

    public void Apply(GuestStep step)
    {
        RamRegion bank = _banks[step.Which % Banks];
        PseriesHostBridge bridge = _firmware.Bridges[step.Which % 2];
        GuestTceTable window = bridge.DmaWindows[step.Target % 2];
        switch (step.Action)
        {
            case GuestAction.PutEntry:
                _firmware.Tces.Put(window.Liobn, window.Start.Value + ((ulong)step.Page * Page), Entry(step));
                break;
            case GuestAction.StuffEntries:
                _firmware.Tces.Stuff(window.Liobn, window.Start.Value, Entry(step), (ulong)step.Page);
                break;
            case GuestAction.ToggleMemory:
                bank.IsEnabled ^= true;
                break;
            case GuestAction.MoveMemory:
                _machine.Root.Move(bank, (ulong)(step.Target % Places) * Bank);
                break;
            case GuestAction.PlugOrUnplug:
                PlugOrUnplug(_slots[step.Which % _slots.Length]);
                break;
            case GuestAction.PlaceRegisters when _plugged.GetValueOrDefault(_slots[step.Which % _slots.Length].Address) is { } device:
                device.WriteConfig(PciHeader.BaseAddress0, sizeof(uint), (uint)(0x9000_0000 + ((ulong)step.Target << 20)));
                device.WriteConfig(PciHeader.Command, sizeof(ushort), (ushort)(step.Permission == 0 ? 0 : Abi.PciRegs.PciCommand.Memory | Abi.PciRegs.PciCommand.Master));
                break;
            case GuestAction.CreateWindow when !IsBeyondHost(bridge):
                bridge.CreateWindow(PageShift, (uint)(28 + (step.Target % 3)), out _);
                break;
            case GuestAction.RemoveWindow:
                bridge.RemoveWindow(window);
                break;
            case GuestAction.ResetWindows:
                bridge.ResetWindows();
                break;
            case GuestAction.ResetMachine:
                _firmware.Reset();
                break;
            case GuestAction.SeveralAtOnce:
                using (_machine.Topology.Change())
                {
                    bank.IsEnabled ^= true;
                    _machine.Root.Move(_banks[(step.Which + 1) % Banks], (ulong)(step.Page % Places) * Bank);
                    bridge.ResetWindows();
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Where the host's IOMMU says another thing for a device than the guest's state does; null: nowhere.</summary>
    public string? FindDifference()
    {
        if (_machine.Failures.Find(failure => failure.IsFatal) is { } fatal) return fatal.Message;
        foreach ((PciAddress address, PseriesHostBridge bridge) in _slots)
        {
            foreach (ulong iova in Interesting(bridge))
            {
                (byte?, DmaAccess) expected = _plugged.ContainsKey(address) ? Model(bridge, iova) : (null, DmaAccess.None);
                (byte?, DmaAccess) found = (_machine.Peek(address, iova), _machine.Translate(address, iova));
                if (found != expected) return $"device {address}, iova 0x{iova:x}: {found} instead of {expected}\n{string.Join('\n', _machine.Failures)}";
            }
        }

        return null;
    }

    public void UnplugAll()
    {
        foreach ((PciAddress Address, PseriesHostBridge Bridge) slot in _slots)
            if (_plugged.ContainsKey(slot.Address)) PlugOrUnplug(slot);
    }

    /// <summary>What the host still has of the guest; null: nothing.</summary>
    public string? FindLeftOver()
    {
        if (FindDifference() is { } difference) return difference;
        if (_machine.Kernel.OpenDescriptors.Count != _ownDescriptors) return $"{_machine.Kernel.OpenDescriptors.Count - _ownDescriptors} descriptors";
        if (_events.Listening != 0) return $"{_events.Listening} eventfds that are listened to";
        if (_machine.Software.Process.Caller.Locked.Bytes is var locked and not 0) return $"{locked} locked bytes\n{string.Join('\n', _machine.Failures)}";
        return _firmware.Bridges.SelectMany(bridge => bridge.DmaWindows).Any(window => window.NeedsNotification) ? "a window whose changes are told" : null;
    }

    public void Dispose()
    {
        UnplugAll();
        _events.Dispose();
        _machine.Dispose();
    }

    private static HostBridgeOptions Options(int index, string machine)
    {
        var options = new HostBridgeOptions { Index = index };

        // Type1 has no addresses as high as POWER's second window.
        return machine == "x86" ? options with { DynamicWindowStart = new Iova(0x1_0000_0000) } : options;
    }

    /// <summary>A pSeries host makes no window in the first place while there is one in the second: to a guest that asks for it the machine is broken.</summary>
    private bool IsBeyondHost(PseriesHostBridge bridge) =>
        _machine.Host.Platform is Host.Platforms.Pseries.PseriesPlatform &&
        bridge.DmaWindows.Any(window => window.PageCount != 0 && window.Start == bridge.Options.DynamicWindowStart);

    private static ulong Entry(GuestStep step) => ((ulong)step.Target % ((Places + 1) * (Bank / Page)) * Page) + (ulong)step.Permission;

    private void PlugOrUnplug((PciAddress Address, PseriesHostBridge Bridge) slot)
    {
        if (_plugged.Remove(slot.Address, out AssignedPciDevice? device)) _devices.Remove(device.Id);
        else _plugged[slot.Address] = _devices.Add($"vfio-pci,host={slot.Address},id=d{slot.Address}", slot.Bridge.Bus);
    }

    /// <summary>Pages of both windows, there or not, and what lies about them.</summary>
    private static IEnumerable<ulong> Interesting(PseriesHostBridge bridge)
    {
        foreach (ulong start in new[] { bridge.Options.DefaultWindowStart.Value, bridge.Options.DynamicWindowStart.Value })
        {
            for (ulong page = 0; page <= Pages; page++) yield return start + (page * Page);
            yield return start + bridge.Options.DefaultWindowBytes;
        }
    }

    /// <summary>What PowerNV's tables hold for writing can be read as well (pci-ioda-tce.c: pnv_tce_xchg).</summary>
    private DmaAccess OnHost(DmaAccess access) =>
        access == DmaAccess.Write && _machine.Host.Platform is Host.Platforms.PowerNv.PowerNvPlatform ? DmaAccess.ReadWrite : access;

    /// <summary>What the guest's own state says of an address of a bus.</summary>
    private (byte? Byte, DmaAccess Access) Model(PseriesHostBridge bridge, ulong iova)
    {
        if (NaiveMemory.At(bridge.Bus.Dma.Root, iova, isReadOnly: false) is not { Region: SpaprIommuRegion window } at) return (null, DmaAccess.None);
        TceTranslation entry = window.Table.Translate(at.Offset);
        if (entry.Permission == TcePermission.None) return (null, DmaAccess.None);
        ulong target = entry.Page.Value & ~(Page - 1);
        if (NaiveMemory.At(_machine.Root, target, isReadOnly: false) is not { Region: RamRegion ram } found) return (null, DmaAccess.None);
        ram.Memory.Load(found.Offset, 1, out ulong value);
        return ((byte)value, OnHost((DmaAccess)entry.Permission));
    }
}
