// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Guest.Spapr;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Spapr;

/// <summary>A pseries guest with 16 MiB of memory on a software host, and bridges for the host's devices.</summary>
internal sealed class PseriesMachine : IInterruptController, IAssignedDeviceEvents, IDisposable
{
    public const ulong RamBytes = 16 << 20;
    public const uint BuidHigh = 0x08000000, BuidLow = 0x20000000;

    private const ulong Arguments = RamBytes - 0x1000;

    private readonly EventLoop _events;

    public PseriesMachine(string machine = "powernv9-4k", ITceAcceleration? acceleration = null)
    {
        Guest = new GuestMachine(machine);
        Ram = Guest.AddRam(0, RamBytes);
        _events = new EventLoop(Guest.Kernel, new Lock());
        Firmware = new PseriesFirmware(Guest.Memory, this, _events, acceleration) { HostDevices = Guest.Devices };
        Devices = new AssignedDevices(Guest.Devices, this);
    }

    public GuestMachine Guest { get; }

    public RamRegion Ram { get; }

    public PseriesFirmware Firmware { get; }

    public AssignedDevices Devices { get; }

    public List<MsiMessage> Messages { get; } = [];

    public bool ReportsEndOfInterrupt => true;

    public AssignedPciDevice Plug(PseriesHostBridge bridge, PciAddress host, string id) => Devices.Add($"vfio-pci,host={host},id={id}", bridge.Bus);

    public HypercallStatus Put(PseriesHostBridge bridge, ulong ioba, ulong tce) => Firmware.Tces.Put(bridge.DmaWindows[0].Liobn, ioba, tce);

    /// <summary>Asserts that a device reaches a page of the guest's memory at an address, or, with null, nothing.</summary>
    public void AssertReaches(PciAddress device, ulong ioba, ulong? guestPage)
    {
        if (guestPage is { } page) Ram.Memory.Store(page, 1, 0x5a);
        Assert.Equal(guestPage is null ? null : (byte)0x5a, Guest.Peek(device, ioba));
        if (guestPage is not { } again) return;
        Ram.Memory.Store(again, 1, 0xa5);
        Assert.Equal((byte)0xa5, Guest.Peek(device, ioba));
    }

    /// <summary>Calls RTAS as a guest does; the results, of which the first is the status.</summary>
    public int[] Rtas(Guest.Spapr.Rtas.RtasToken token, uint results, params uint[] arguments)
    {
        uint[] words = [(uint)token, (uint)arguments.Length, results, .. arguments];
        for (int i = 0; i < words.Length; i++) Guest.Memory.StoreBigEndian32(new GuestPhysicalAddress(Arguments) + (ulong)(i * 4), words[i]);
        Assert.Equal(HypercallStatus.Success, Firmware.Call(HypercallNumber.Rtas, [Arguments]));
        return [.. Enumerable.Range(words.Length, (int)results).Select(word => (int)Guest.Memory.LoadBigEndian32(new GuestPhysicalAddress(Arguments) + (ulong)(word * 4)))];
    }

    public void SetLevel(int interrupt, bool asserted)
    {
    }

    public void Deliver(MsiMessage message) => Messages.Add(message);

    public void OnDeviceError(AssignedPciDevice device)
    {
    }

    public void OnUnplugRequested(AssignedPciDevice device)
    {
    }

    public void OnWarning(AssignedPciDevice device, string message)
    {
    }

    public void Dispose()
    {
        while (Devices.All.Count != 0) Devices.Remove(Devices.All[^1].Id);
        Assert.Empty(Guest.Devices.Containers);
        _events.Dispose();
        Guest.Dispose();
    }
}
