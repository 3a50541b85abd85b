// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Pci;

namespace VfioSharp.Guest.Pc;

/// <summary>Where a PC's host bridge puts what it shows.</summary>
public sealed record EcamOptions
{
    /// <summary>Where the guest's processors find configuration space: 1 MiB for the one bus.</summary>
    public GuestPhysicalAddress ConfigWindow { get; init; } = new(0xb000_0000);

    /// <summary>Where memory BARs of 32 bits can be; the same on the bus.</summary>
    public GuestPhysicalAddress MemoryWindow { get; init; } = new(0xc000_0000);

    /// <summary>Bytes of it.</summary>
    public ulong MemoryWindowBytes { get; init; } = 0x3ec0_0000;

    /// <summary>Where memory BARs of 64 bits can be; the same on the bus.</summary>
    public GuestPhysicalAddress Memory64Window { get; init; } = new(0x80_0000_0000);

    /// <summary>Bytes of it.</summary>
    public ulong Memory64WindowBytes { get; init; } = 1UL << 39;

    /// <summary>The interrupt controller's input that the bridge's line 0 leads to; the others follow.</summary>
    public int FirstInput { get; init; } = 16;
}

/// <summary>
/// A PC's host bridge with one PCI Express bus: configuration space in memory (ECAM), BARs where they say, and no IOMMU of
/// the guest's: devices reach the guest's memory at its own addresses, and send messages to 0xfee00000.
/// </summary>
/// <remarks>Calls come one at a time, with the machine's lock held.</remarks>
public sealed class EcamHostBridge : IInterruptLines, IMmioHandler
{
    private const ulong MessageWindow = 0xfee0_0000, MessageWindowBytes = 0x10_0000;
    private const int FunctionShift = 12;
    private const ulong BusBytes = 256UL << FunctionShift;
    private const ulong PortBytes = 0x1_0000;

    private readonly EcamOptions _options;
    private readonly IInterruptController _interrupts;

    /// <summary>Makes the bridge and puts its windows into the guest's memory.</summary>
    /// <param name="options">Where they are.</param>
    /// <param name="memory">The guest's memory, whose root is a container.</param>
    /// <param name="interrupts">The machine's interrupt controller.</param>
    /// <param name="events">Where eventfds are listened to, and the machine's lock is.</param>
    /// <param name="acceleration">What a hypervisor in the kernel offers for devices' interrupts; null: there is none.</param>
    public EcamHostBridge(EcamOptions options, GuestAddressSpace memory, IInterruptController interrupts, EventLoop events, IInterruptAcceleration? acceleration = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(interrupts);
        _options = options;
        _interrupts = interrupts;
        var system = memory.Root as ContainerRegion ?? throw new ArgumentException($"{memory.Root} is no container: the bridge has no place for its windows", nameof(memory));
        MemoryTopology topology = memory.Topology;
        var bars = new ContainerRegion(topology, "pcie.0 memory", ulong.MaxValue);
        Ports = new ContainerRegion(topology, "pcie.0 ports", PortBytes);
        var dma = new ContainerRegion(topology, "pcie.0 DMA", ulong.MaxValue);
        using (topology.Change())
        {
            system.Add(new MmioRegion(topology, "pcie.0 configuration", BusBytes, this), options.ConfigWindow.Value);
            Show(system, bars, options.MemoryWindow, options.MemoryWindowBytes);
            Show(system, bars, options.Memory64Window, options.Memory64WindowBytes);
            dma.Add(new AliasRegion(topology, "memory of the guest", system, 0, ulong.MaxValue), 0);
            dma.Add(new MmioRegion(topology, "messages", MessageWindowBytes, new Messages(interrupts)), MessageWindow, priority: 1);
        }

        Bus = new GuestPciBus("pcie.0", bars, Ports, new GuestAddressSpace(topology, dma), this, events) { IsExpress = true, Acceleration = acceleration };
    }

    /// <summary>Its bus.</summary>
    public GuestPciBus Bus { get; }

    /// <summary>The bus' I/O ports, which a PC's processors have an address space of their own for.</summary>
    public ContainerRegion Ports { get; }

    /// <inheritdoc/>
    public bool ReportsEndOfInterrupt => _interrupts.ReportsEndOfInterrupt;

    /// <summary>The guest has finished with an interrupt: devices whose pins lead to it look again.</summary>
    /// <param name="input">The interrupt controller's input.</param>
    public void EndOfInterrupt(int input)
    {
        int line = input - _options.FirstInput;
        if (line is >= 0 and < 4) Bus.EndOfInterrupt(line);
    }

    /// <inheritdoc/>
    public IntxRoute RouteOf(int line) => new(IntxRouteMode.Enabled, _options.FirstInput + line);

    /// <inheritdoc/>
    public void SetLevel(int line, bool asserted) => _interrupts.SetLevel(_options.FirstInput + line, asserted);

    /// <summary>A read of configuration space; wider ones than 4 bytes are no such, and read as ones.</summary>
    ulong IMmioHandler.Read(ulong offset, int width) =>
        width > sizeof(uint) ? ulong.MaxValue : Bus.ReadConfig((byte)(offset >> FunctionShift), (int)(offset & ((1 << FunctionShift) - 1)), width);

    /// <summary>A write of configuration space.</summary>
    void IMmioHandler.Write(ulong offset, int width, ulong value)
    {
        if (width <= sizeof(uint)) Bus.WriteConfig((byte)(offset >> FunctionShift), (int)(offset & ((1 << FunctionShift) - 1)), width, (uint)value);
    }

    private static void Show(ContainerRegion system, MemoryRegion bars, GuestPhysicalAddress at, ulong bytes)
    {
        if (bytes != 0) system.Add(new AliasRegion(system.Topology, $"{bars.Name} at {at}", bars, at.Value, bytes), at.Value);
    }

    private sealed class Messages(IInterruptController interrupts) : IMmioHandler
    {
        public ulong Read(ulong offset, int width) => 0;

        public void Write(ulong offset, int width, ulong value) => interrupts.Deliver(new MsiMessage(MessageWindow + offset, (uint)value));
    }
}
