// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Containers;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>
/// The assigned devices of a virtual machine: adds and removes them as QEMU's <c>device_add</c> and <c>device_del</c> do,
/// resets those together that share a bus on the host, and shows what stands behind each.
/// </summary>
/// <remarks>Called with the machine's lock held.</remarks>
/// <param name="host">Their groups and containers; they stay the caller's.</param>
/// <param name="events">What devices tell while the guest runs.</param>
public sealed class AssignedDevices(HostDevices host, IAssignedDeviceEvents events)
{
    private const int Slots = 32;

    private readonly List<AssignedPciDevice> _devices = [];

    /// <summary>Their groups and containers.</summary>
    public HostDevices Host { get; } = host ?? throw new ArgumentNullException(nameof(host));

    /// <summary>What devices tell while the guest runs.</summary>
    public IAssignedDeviceEvents Events { get; } = events ?? throw new ArgumentNullException(nameof(events));

    /// <summary>The devices, in the order they came.</summary>
    public IReadOnlyList<AssignedPciDevice> All => _devices;

    /// <summary>Adds a device to a bus, at start or while the guest runs.</summary>
    /// <param name="options">In QEMU's syntax: <c>vfio-pci,host=1:10.1,id=net0</c>.</param>
    /// <param name="bus">The bus; the property <c>bus</c>, if it is there, must name it.</param>
    /// <param name="isRunning">Whether the guest runs: then the device is reset at once, else with the machine.</param>
    /// <exception cref="DeviceAssignmentException">It cannot be assigned; nothing of it is left.</exception>
    public AssignedPciDevice Add(string options, GuestPciBus bus, bool isRunning = false) => Add(AssignedDeviceOptions.Parse(options), bus, isRunning);

    /// <inheritdoc cref="Add(string, GuestPciBus, bool)"/>
    public AssignedPciDevice Add(AssignedDeviceOptions options, GuestPciBus bus, bool isRunning = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(bus);
        if (options.Bus is { } named && named != bus.Name)
            throw new DeviceAssignmentException($"bus={named} is not {bus.Name}", $"Leave bus= out, or add the device to {named}");
        var device = new AssignedPciDevice(this, options);
        if (_devices.Find(other => other.Id == device.Id) is { } same)
            throw new DeviceAssignmentException($"id={device.Id} is {same.Host}'s already", "Give each device an id= of its own");
        bus.Add(device, options.Function ?? FindPlace(device, bus));
        if (isRunning) device.Reset();
        return device;
    }

    /// <summary>Takes a device out of the guest, in whatever state it is. Its group and container go with the last device.</summary>
    /// <exception cref="DeviceAssignmentException">There is no such device.</exception>
    public void Remove(string id)
    {
        AssignedPciDevice device = _devices.Find(one => one.Id == id) ?? throw new DeviceAssignmentException($"there is no assigned device '{id}'");
        device.Bus!.Remove(device);
    }

    /// <summary>
    /// The machine is reset: devices that cannot be reset alone are reset with their bus. The buses' own
    /// <see cref="GuestPciBus.Reset"/> follows, which resets each device.
    /// </summary>
    public void ResetTogether()
    {
        foreach (AssignedPciDevice device in _devices) device.HostReset!.Prepare();
        foreach (AssignedPciDevice device in _devices) device.HostReset!.ResetTogether();
    }

    /// <summary>What stands behind each device now.</summary>
    public IEnumerable<AssignedDeviceStatus> Describe() => _devices.Select(device => device.Describe());

    internal AssignedPciDevice? Find(PciAddress host) => _devices.Find(device => device.Host == host);

    internal VfioGroup? FindGroup(int number) => Host.Devices.FirstOrDefault(device => device.GroupNumber == number)?.Group;

    internal void Started(AssignedPciDevice device) => _devices.Add(device);

    internal void Stopped(AssignedPciDevice device) => _devices.Remove(device);

    // Place 0 is the bridge's own on many buses.
    private static byte FindPlace(AssignedPciDevice device, GuestPciBus bus)
    {
        for (int slot = 1; slot < Slots; slot++)
        {
            byte function = (byte)(slot << 3);
            if (bus.Find(function) is null) return function;
        }

        throw new DeviceAssignmentException($"{device.Id} has no place on {bus.Name}: all slots are taken", "Use another bus");
    }
}
