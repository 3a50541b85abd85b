// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Spapr.Rtas;

namespace VfioSharp.Guest.Spapr;

/// <summary>
/// What a pseries machine's firmware interface does for PCI: hypercalls on DMA windows and RTAS calls on host bridges. A
/// virtual machine monitor gives it the hypercalls that are not its own.
/// </summary>
/// <remarks>Calls come one at a time.</remarks>
public sealed class PseriesFirmware
{
    private readonly RtasCalls _rtas = new();

    /// <summary>Makes it, without a bridge.</summary>
    /// <param name="memory">The guest's memory. Its root is a container: bridges put their windows there.</param>
    /// <param name="interrupts">The machine's interrupt controller.</param>
    /// <param name="events">Where eventfds are listened to, and the machine's lock is.</param>
    /// <param name="acceleration">What the kernel that runs the guest does of TCE hypercalls, where there is one.</param>
    public PseriesFirmware(GuestAddressSpace memory, IInterruptController interrupts, EventLoop events, ITceAcceleration? acceleration = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(interrupts);
        ArgumentNullException.ThrowIfNull(events);
        Memory = memory;
        System = memory.Root as ContainerRegion ?? throw new ArgumentException($"{memory.Root} is no container: bridges have no place for their windows", nameof(memory));
        Interrupts = interrupts;
        Events = events;
        Tces = new TceHypercalls(memory.LoadBigEndian64, acceleration);
    }

    /// <summary>The guest's memory.</summary>
    public GuestAddressSpace Memory { get; }

    /// <summary>What a hypervisor in the kernel offers for devices' interrupts; null: there is none.</summary>
    public IInterruptAcceleration? InterruptAcceleration { get; init; }

    /// <summary>The machine's host devices, whose errors its guest can handle (EEH); null: it cannot.</summary>
    public HostDevices? HostDevices { get; init; }

    /// <summary>The DMA windows of all bridges.</summary>
    public TceHypercalls Tces { get; }

    internal ContainerRegion System { get; }

    internal IInterruptController Interrupts { get; }

    internal EventLoop Events { get; }

    internal InterruptNumbers Numbers { get; } = new();

    /// <summary>The machine's bridges.</summary>
    public IReadOnlyList<PseriesHostBridge> Bridges => _rtas.Bridges;

    /// <summary>Makes a bridge.</summary>
    /// <exception cref="ArgumentException">There is one of this index already, or the properties cannot be.</exception>
    public PseriesHostBridge AddBridge(HostBridgeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.FindProblem() is { } problem) throw new ArgumentException(problem, nameof(options));
        if (Bridges.Any(other => other.Options.Index == options.Index)) throw new ArgumentException($"the machine has a bridge {options.Index} already", nameof(options));
        var bridge = new PseriesHostBridge(options, this);
        _rtas.Add(bridge);
        return bridge;
    }

    /// <summary>A hypercall.</summary>
    /// <param name="number">Its number (register 3).</param>
    /// <param name="arguments">Its arguments (from register 4 on); what the call returns stands in the first afterwards.</param>
    /// <returns>H_FUNCTION: it is none of these.</returns>
    public HypercallStatus Call(ulong number, Span<ulong> arguments)
    {
        int needed = number switch
        {
            HypercallNumber.Rtas => 1,
            HypercallNumber.GetTce => 2,
            HypercallNumber.PutTce => 3,
            HypercallNumber.PutTceIndirect or HypercallNumber.StuffTce => 4,
            _ => int.MaxValue,
        };
        if (needed == int.MaxValue) return HypercallStatus.Function;
        ArgumentOutOfRangeException.ThrowIfLessThan(arguments.Length, needed);
        switch (number)
        {
            case HypercallNumber.Rtas:
                return _rtas.Call(Memory, new GuestPhysicalAddress(arguments[0]));
            case HypercallNumber.PutTce:
                return Tces.Put(arguments[0], arguments[1], arguments[2]);
            case HypercallNumber.PutTceIndirect:
                return Tces.PutIndirect(arguments[0], arguments[1], arguments[2], arguments[3]);
            case HypercallNumber.StuffTce:
                return Tces.Stuff(arguments[0], arguments[1], arguments[2], arguments[3]);
            default:
                HypercallStatus status = Tces.Get(arguments[0], arguments[1], out ulong tce);
                if (status == HypercallStatus.Success) arguments[0] = tce;
                return status;
        }
    }

    /// <summary>The machine is reset.</summary>
    public void Reset()
    {
        foreach (PseriesHostBridge bridge in Bridges) bridge.Reset();
    }
}
