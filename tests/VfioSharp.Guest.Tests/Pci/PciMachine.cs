// SPDX-License-Identifier: MIT
using VfioSharp.Devices;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Pci;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Pci;

/// <summary>
/// The x86 machine's devices on the software host, and a virtual machine with a bus for them. Its event loop has no
/// thread: <see cref="Deliver"/> delivers what is signalled.
/// </summary>
internal sealed class PciMachine : IDisposable, IInterruptLines, IAssignedDeviceEvents
{
    public const ulong MessageWindow = 0xfee00000;
    public const ulong BarAddress = 0xe0000000;

    public static readonly PciAddress Edu = new(0, 3, 0, 0);
    public static readonly PciAddress Xhci = new(0, 4, 0, 0);
    public static readonly PciAddress Nic = new(0, 5, 0, 0);
    public static readonly PciAddress Nvme = new(0, 1, 0, 0);
    public static readonly PciAddress Ivshmem = new(0, 0, 0x0a, 0);

    private readonly VfioMapping _ram;

    public PciMachine(FakeAcceleration? acceleration = null, bool hasMessages = true, bool isExpress = false)
    {
        Host = new SoftwareHost(new X86Platform(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "x86.json")), DeviceCatalog.Default));
        Kernel = new RecordingKernel(new SoftwareKernel(Host, "guest"));
        var system = new ContainerRegion(Topology, "system", ulong.MaxValue);
        var ports = new ContainerRegion(Topology, "ports", 0x10000);
        var messages = new MmioRegion(Topology, "messages", 0x100000, new MessageSink(Messages));
        Kernel.AllocateMemory(0x100000, out VfioMapping? ram);
        _ram = ram!;
        system.Add(new RamRegion(Topology, "ram", _ram), 0);
        system.Add(messages, MessageWindow, priority: 1);
        Memory = new GuestAddressSpace(Topology, system);
        Ports = new GuestAddressSpace(Topology, ports);
        Events = new EventLoop(Kernel, new Lock(), Time);
        Bus = new GuestPciBus("pci.0", system, ports, Memory, this, Events) { Acceleration = acceleration, HasMessages = hasMessages, IsExpress = isExpress };
        HostDevices = new HostDevices(Kernel, Memory);
        Devices = new AssignedDevices(HostDevices, this);
    }

    public SoftwareHost Host { get; }

    public RecordingKernel Kernel { get; }

    public ManualTime Time { get; } = new();

    public MemoryTopology Topology { get; } = new();

    public GuestAddressSpace Memory { get; }

    public GuestAddressSpace Ports { get; }

    public EventLoop Events { get; }

    public GuestPciBus Bus { get; }

    public HostDevices HostDevices { get; }

    public AssignedDevices Devices { get; }

    /// <summary>Messages that arrived: "address data".</summary>
    public List<MsiMessage> Messages { get; } = [];

    /// <summary>Changes of lines: "line up", "line down".</summary>
    public List<string> Lines { get; } = [];

    /// <summary>Called when a line goes up.</summary>
    public Action? LineRaised { get; set; }

    public List<string> Warnings { get; } = [];

    /// <summary>Errors and requests of devices.</summary>
    public List<string> News { get; } = [];

    public bool ReportsEndOfInterrupt { get; set; }

    public IntxRoute Route { get; set; } = new(IntxRouteMode.Enabled, 9);

    public AssignedPciDevice Add(string options)
    {
        AssignedPciDevice device = Devices.Add("vfio-pci," + options, Bus);
        return device;
    }

    /// <summary>Calls handlers of what is signalled.</summary>
    public int Deliver() => Events.RunPending(TimeSpan.Zero);

    /// <summary>Places a BAR as firmware does, memory decoding and bus mastering on.</summary>
    public void Place(AssignedPciDevice device, int bar = 0, ulong address = BarAddress)
    {
        device.WriteConfig(0x10 + (4 * bar), 4, (uint)address);
        device.WriteConfig(4, 2, 7);
    }

    /// <summary>What the guest sees at an address: the region's name.</summary>
    public string At(ulong address) => Memory.View.TryFind(address, out MemorySection section) ? section.Region.Name : "nothing";

    public uint Read32(ulong address)
    {
        Memory.Load(new GuestPhysicalAddress(address), 4, out ulong value);
        return (uint)value;
    }

    public void Write32(ulong address, uint value) => Memory.Store(new GuestPhysicalAddress(address), 4, value);

    public IntxRoute RouteOf(int line) => Route;

    public void SetLevel(int line, bool asserted)
    {
        Lines.Add($"{line} {(asserted ? "up" : "down")}");
        if (asserted) LineRaised?.Invoke();
    }

    public void OnDeviceError(AssignedPciDevice device) => News.Add($"{device.Id} error");

    public void OnUnplugRequested(AssignedPciDevice device) => News.Add($"{device.Id} unplug");

    public void OnWarning(AssignedPciDevice device, string message) => Warnings.Add(message);

    public void Dispose()
    {
        foreach (AssignedPciDevice device in Devices.All.ToArray()) Bus.Remove(device);
        HostDevices.Dispose();
        Events.Dispose();
        _ram.Dispose();
        Kernel.Dispose();
        Host.Dispose();
    }

    private sealed class MessageSink(List<MsiMessage> messages) : IMmioHandler
    {
        public ulong Read(ulong offset, int width) => 0;

        public void Write(ulong offset, int width, ulong value) => messages.Add(new MsiMessage(MessageWindow + offset, (uint)value));
    }
}
