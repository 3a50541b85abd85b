// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;

namespace VfioSharp.Guest.Pci;

/// <summary>
/// A PCI bus of the guest, below its host bridge: its devices, their configuration space, the regions their BARs appear
/// in, their interrupt lines, and the address space their DMA and messages go to.
/// </summary>
/// <remarks>Calls come one at a time, with the machine's lock held.</remarks>
public sealed class GuestPciBus
{
    private const int Functions = 256;
    private const int Lines = 4;

    private readonly GuestPciDevice?[] _devices = new GuestPciDevice?[Functions];
    private readonly int[] _holders = new int[Lines];

    /// <summary>Makes an empty bus.</summary>
    /// <param name="name">Its name, which the property <c>bus</c> of devices gives: <c>pci.0</c>.</param>
    /// <param name="memory">Where memory BARs appear, at their bus addresses.</param>
    /// <param name="ports">Where I/O BARs appear, at their port numbers.</param>
    /// <param name="dma">What devices reach, and where their messages go.</param>
    /// <param name="lines">The bridge's interrupt lines.</param>
    /// <param name="events">Where eventfds are listened to, and the machine's lock is.</param>
    public GuestPciBus(string name, ContainerRegion memory, ContainerRegion ports, GuestAddressSpace dma, IInterruptLines lines, EventLoop events)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Memory = memory;
        Ports = ports;
        Dma = dma;
        InterruptLines = lines;
        Events = events;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Whether it is a PCI Express bus, whose devices show extended capabilities. A pseries bridge's is not.</summary>
    public bool IsExpress { get; init; }

    /// <summary>Whether the machine has message interrupts. Without, devices show no MSI or MSI-X capability.</summary>
    public bool HasMessages { get; init; } = true;

    /// <summary>Where memory BARs appear.</summary>
    public ContainerRegion Memory { get; }

    /// <summary>Where I/O BARs appear.</summary>
    public ContainerRegion Ports { get; }

    /// <summary>What devices reach, and where their messages go.</summary>
    public GuestAddressSpace Dma { get; }

    /// <summary>The bridge's interrupt lines.</summary>
    public IInterruptLines InterruptLines { get; }

    /// <summary>Where eventfds are listened to.</summary>
    public EventLoop Events { get; }

    /// <summary>What a hypervisor in the kernel offers; null: there is none.</summary>
    public IInterruptAcceleration? Acceleration { get; init; }

    /// <summary>The devices, by device and function.</summary>
    public IEnumerable<GuestPciDevice> Devices => _devices.OfType<GuestPciDevice>();

    /// <summary>A device was plugged in (true), or is about to be unplugged.</summary>
    public event Action<GuestPciDevice, bool>? DevicePlugged;

    /// <summary>The device at a place; null: there is none.</summary>
    /// <param name="function">Device and function number in one byte.</param>
    public GuestPciDevice? Find(byte function) => _devices[function];

    /// <summary>Plugs a device in. When that fails nothing of it is left on the bus.</summary>
    /// <param name="device">The device, which is on no bus yet.</param>
    /// <param name="function">Device and function number in one byte.</param>
    /// <exception cref="DeviceAssignmentException">The place is taken, or the device cannot start.</exception>
    public void Add(GuestPciDevice device, byte function)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Bus is { } other) throw new InvalidOperationException($"{device.Id} is on {other.Name} already");
        string place = $"{Name} {function >> 3:x2}.{function & 7}";
        if (_devices[function] is { } present)
            throw new DeviceAssignmentException($"{device.Id}: {place} is taken by {present.Id}", "Choose another addr=");
        _devices[function] = device;
        device.Attach(this, function);
        try
        {
            device.Start();
        }
        catch
        {
            _devices[function] = null;
            device.Detach();
            throw;
        }

        DevicePlugged?.Invoke(device, true);
    }

    /// <summary>Unplugs a device and lets go of all it has. The object cannot be plugged in again.</summary>
    public void Remove(GuestPciDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Bus != this) throw new InvalidOperationException($"{device.Id} is not on {Name}");
        DevicePlugged?.Invoke(device, false);
        device.Stop();
        _devices[device.Function] = null;
        device.Detach();
    }

    /// <summary>A configuration read; all ones where there is no device.</summary>
    /// <param name="function">Device and function number in one byte.</param>
    /// <param name="offset">Register; within the device's configuration space.</param>
    /// <param name="width">1, 2 or 4 bytes.</param>
    public uint ReadConfig(byte function, int offset, int width) =>
        _devices[function] is { } device && offset >= 0 && offset <= device.ConfigSize - width
            ? device.ReadConfig(offset, width)
            : uint.MaxValue >> (32 - (8 * width));

    /// <summary>A configuration write; nothing where there is no device.</summary>
    /// <inheritdoc cref="ReadConfig"/>
    public void WriteConfig(byte function, int offset, int width, uint value)
    {
        if (_devices[function] is { } device && offset >= 0 && offset <= device.ConfigSize - width) device.WriteConfig(offset, width, value);
    }

    /// <summary>The bus is reset, and each of its devices with it.</summary>
    public void Reset()
    {
        foreach (GuestPciDevice device in Devices) device.Reset();
    }

    /// <summary>A line leads elsewhere from now on.</summary>
    public void IntxRoutesChanged()
    {
        foreach (GuestPciDevice device in Devices) device.OnIntxRouteChanged();
    }

    /// <summary>The guest has finished with an interrupt of a line: devices that hold it up look again.</summary>
    public void EndOfInterrupt(int line)
    {
        foreach (GuestPciDevice device in Devices)
            if (device.InterruptLine == line) device.OnEndOfInterrupt();
    }

    /// <summary>One device more, or less, holds a line up.</summary>
    internal void HoldLine(int line, bool asserted)
    {
        int before = _holders[line];
        _holders[line] += asserted ? 1 : -1;
        if ((before == 0) != (_holders[line] == 0)) InterruptLines.SetLevel(line, asserted);
    }
}
