// SPDX-License-Identifier: MIT
using System.Diagnostics;
using VfioSharp.Guest;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Pci;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Demo.Guests;

/// <summary>
/// A small virtual machine: memory, a host bridge, an interrupt controller that counts. Its program is not run by a
/// processor but written in C#: what it does to the machine is what a guest's firmware and drivers do.
/// </summary>
internal abstract class GuestMachine : IInterruptController, IAssignedDeviceEvents, IDisposable
{
    /// <summary>Bytes of its memory, which begins at 0.</summary>
    public const ulong RamBytes = 32 << 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly VfioMapping _ram;
    private readonly HashSet<int> _raised = [];
    private readonly Dictionary<uint, int> _messages = [];

    protected GuestMachine(IVfioKernel kernel)
    {
        KernelResult allocated = kernel.AllocateMemory(RamBytes, out VfioMapping? ram);
        if (allocated.IsError) throw new DemoException($"no memory of 0x{RamBytes:x} bytes for the guest: {allocated}");
        _ram = ram!;
        Topology = new MemoryTopology();
        var system = new ContainerRegion(Topology, "memory", ulong.MaxValue);
        system.Add(new RamRegion(Topology, "RAM", _ram), 0);
        Memory = new GuestAddressSpace(Topology, system);
        Events = new EventLoop(kernel, new Lock());
        Host = new HostDevices(kernel, Memory, failure => Problems.Add(failure.Message));
        Devices = new AssignedDevices(Host, this);
    }

    /// <summary>Its bus.</summary>
    public abstract GuestPciBus Bus { get; }

    /// <summary>What the machine is, for a person.</summary>
    public abstract string Description { get; }

    /// <summary>Its memory, as its processors see it.</summary>
    public GuestAddressSpace Memory { get; }

    /// <summary>Its host devices.</summary>
    public HostDevices Host { get; }

    /// <summary>Its assigned devices.</summary>
    public AssignedDevices Devices { get; }

    /// <summary>What went wrong while it ran.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>What devices cannot do, or not as well as others.</summary>
    public List<string> Warnings { get; } = [];

    /// <inheritdoc/>
    public bool ReportsEndOfInterrupt => true;

    protected MemoryTopology Topology { get; }

    protected EventLoop Events { get; }

    /// <summary>Bus address of the first BAR that firmware places.</summary>
    public abstract ulong FirstBar { get; }

    /// <summary>The machine for a kernel's IOMMU: a pseries or a PC.</summary>
    public static GuestMachine Create(IVfioKernel kernel)
    {
        using VfioContainer container = VfioContainer.Open(kernel);
        return container.Supports((uint)IommuType.SpaprTceV2) ? new PseriesGuest(kernel) : new PcGuest(kernel);
    }

    /// <summary>A configuration read of the guest.</summary>
    public abstract uint ReadConfig(byte function, int offset, int width);

    /// <summary>A configuration write of the guest.</summary>
    public abstract void WriteConfig(byte function, int offset, int width, uint value);

    /// <summary>Where the guest's processors find a bus address.</summary>
    public abstract GuestPhysicalAddress AddressOf(ulong onBus);

    /// <summary>Lets devices reach memory of the guest; where they find it.</summary>
    public abstract Iova MapForDma(GuestPhysicalAddress address, ulong bytes);

    /// <summary>The interrupt that a device's pin leads to.</summary>
    public abstract int InterruptOf(byte function);

    /// <summary>The guest has finished with an interrupt.</summary>
    public abstract void EndOfInterrupt(int interrupt);

    /// <summary>Chooses the messages of a device, and sets those of MSI in it; the data of each vector.</summary>
    /// <param name="function">The device.</param>
    /// <param name="capability">Where its capability is.</param>
    /// <param name="isMsix">Whether that is MSI-X.</param>
    /// <param name="vectors">How many.</param>
    public abstract IReadOnlyList<MsiMessage> ChooseMessages(byte function, int capability, bool isMsix, int vectors);

    /// <summary>A load of the guest.</summary>
    public ulong Load(GuestPhysicalAddress address, int width)
    {
        lock (Events.Gate) return Memory.Load(address, width, out ulong value) == MemoryAccessResult.Done ? value : ulong.MaxValue >> (64 - (8 * width));
    }

    /// <summary>A store of the guest.</summary>
    public void Store(GuestPhysicalAddress address, int width, ulong value)
    {
        lock (Events.Gate)
            if (Memory.Store(address, width, value) != MemoryAccessResult.Done) throw new DemoException($"the guest cannot store to {address}");
    }

    /// <summary>Plugs a host device in, at start or later.</summary>
    public AssignedPciDevice Plug(string options)
    {
        lock (Events.Gate) return Devices.Add(options, Bus);
    }

    /// <summary>Unplugs a device.</summary>
    public void Unplug(string id)
    {
        lock (Events.Gate) Devices.Remove(id);
    }

    /// <summary>Resets a device.</summary>
    public void Reset(GuestPciDevice device)
    {
        lock (Events.Gate) device.Reset();
    }

    /// <summary>Whether an interrupt is raised.</summary>
    public bool IsRaised(int interrupt) => _raised.Contains(interrupt);

    /// <summary>How often a message has come.</summary>
    public int CountOf(MsiMessage message) => _messages.GetValueOrDefault(message.Data);

    /// <summary>Lets the machine run until something has happened.</summary>
    public void WaitUntil(Func<bool> happened, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!happened())
        {
            TimeSpan left = s_patience - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) throw new DemoException($"the guest waited {s_patience.TotalSeconds} s for {what} in vain");
            Events.RunPending(left);
        }
    }

    /// <inheritdoc/>
    public void SetLevel(int interrupt, bool asserted)
    {
        if (asserted) _raised.Add(interrupt);
        else _raised.Remove(interrupt);
    }

    /// <inheritdoc/>
    public void Deliver(MsiMessage message) => _messages[message.Data] = _messages.GetValueOrDefault(message.Data) + 1;

    /// <inheritdoc/>
    public void OnDeviceError(AssignedPciDevice device) => Problems.Add($"{device.Id} reports an error");

    /// <inheritdoc/>
    public void OnUnplugRequested(AssignedPciDevice device) => Problems.Add($"the host asks for {device.Id}");

    /// <inheritdoc/>
    public void OnWarning(AssignedPciDevice device, string message) => Warnings.Add($"{device.Id}: {message}");

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (Events.Gate)
            while (Devices.All.Count != 0) Devices.Remove(Devices.All[^1].Id);
        Host.Dispose();
        Events.Dispose();
        _ram.Dispose();
    }
}
