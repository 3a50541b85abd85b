// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Linux;

namespace VfioSharp.Host.Eeh;

/// <summary>
/// A partitionable endpoint (arch/powerpc/include/asm/eeh.h: struct eeh_pe): functions that errors isolate together, what
/// the hardware has stopped, what the kernel made of it.
/// </summary>
/// <remarks>
/// What the hardware does is lock-free, since errors come from any access. What the kernel knows changes under the
/// lock of <see cref="EehSubsystem"/>.
/// </remarks>
internal sealed class EehPe : IPciIsolation
{
    private volatile EehMember[] _members = [];
    private volatile EehPe[] _children = [];
    private volatile EehPeFlags _flags;
    private volatile bool _resetAsserted;
    private volatile bool _marked;
    private int _frozen;
    private int _armed;
    private int _passed;

    /// <summary>Made by <see cref="EehSubsystem"/>.</summary>
    public EehPe(EehSubsystem eeh, EehPhb phb, int number, EehPeKind kind, EehPe? parent)
    {
        Eeh = eeh;
        (Phb, Number, Kind, Parent) = (phb, number, kind, parent);
    }

    /// <summary>Where it can be asked for something.</summary>
    public EehSubsystem Eeh { get; }

    /// <summary>The host bridge it is below.</summary>
    public EehPhb Phb { get; }

    /// <summary>Its number there.</summary>
    public int Number { get; }

    /// <summary>What it is made of.</summary>
    public EehPeKind Kind { get; }

    /// <summary>The endpoint above it; null: the host bridge's own.</summary>
    public EehPe? Parent { get; }

    /// <summary>The endpoints below it.</summary>
    public IReadOnlyList<EehPe> Children => _children;

    /// <summary>Its functions, each with what was saved when it was found.</summary>
    public IReadOnlyList<EehMember> Members => _members;

    /// <summary>What the kernel knows.</summary>
    public EehPeFlags Flags => _flags;

    /// <summary>What the hardware has stopped.</summary>
    public PeFreeze Frozen => (PeFreeze)Volatile.Read(ref _frozen);

    /// <summary>
    /// Whether the hardware marked the endpoint among those with errors. Firmware that goes by the mark does not see a
    /// freeze without it.
    /// </summary>
    public bool IsMarkedInError
    {
        get => _marked;
        set => _marked = value;
    }

    /// <summary>Whether the reset line is held (pSeries: the partition sees it).</summary>
    public bool IsResetAsserted
    {
        get => _resetAsserted;
        set => _resetAsserted = value;
    }

    /// <summary>How many of its functions a VFIO user has open (pass_dev_cnt).</summary>
    public int Passed
    {
        get => Volatile.Read(ref _passed);
        set => Volatile.Write(ref _passed, value);
    }

    /// <summary>How often the host recovered it.</summary>
    public int Recoveries { get; set; }

    /// <inheritdoc/>
    public bool BlocksMmio => Eeh.CutsOff && ((Frozen & PeFreeze.Mmio) != 0 || _resetAsserted);

    /// <inheritdoc/>
    public bool BlocksDma => Eeh.CutsOff && ((Frozen & PeFreeze.Dma) != 0 || _resetAsserted);

    /// <inheritdoc/>
    public Errno ConfigError => (_flags & EehPeFlags.ConfigBlocked) != 0 ? Eeh.Operations.BlockedConfigError : Errno.None;

    /// <inheritdoc/>
    public bool AdmitsConfig(bool isWrite)
    {
        if ((_flags & EehPeFlags.ConfigBlocked) != 0) return false;
        int armed = isWrite ? ArmedForStores : ArmedForLoads;
        if ((Volatile.Read(ref _armed) & armed) == 0) return true;

        // The injected error hits: once, and the access that it hits is lost.
        if ((Interlocked.And(ref _armed, 0) & armed) == 0) return true;
        Stop(PeFreeze.All);
        return false;
    }

    /// <inheritdoc/>
    public bool AdmitsBusReset() => Eeh.Operations.ResetsBus(this);

    /// <inheritdoc/>
    public void DmaFailed()
    {
        if (Eeh.Operations.FreezesOnDmaFault) Stop(PeFreeze.All);
    }

    /// <summary>The hardware stops something: an error was seen.</summary>
    public void Stop(PeFreeze what)
    {
        IsMarkedInError = true;
        Interlocked.Or(ref _frozen, (int)what);
    }

    /// <summary>Stops what is named and lets the rest go, without a mark: no error was seen.</summary>
    public void SetStopped(PeFreeze what) => Volatile.Write(ref _frozen, (int)what);

    /// <summary>The hardware lets something go.</summary>
    public void Thaw(PeFreeze what) => Interlocked.And(ref _frozen, (int)~what);

    /// <summary>The next load from (store to) configuration space meets an error.</summary>
    public void ArmConfigError(bool onStore) => Volatile.Write(ref _armed, onStore ? ArmedForStores : ArmedForLoads);

    /// <summary>Marks this endpoint and all below it (eeh_pe_state_mark).</summary>
    public void Mark(EehPeFlags flags)
    {
        _flags |= flags;
        foreach (EehPe child in _children) child.Mark(flags);
    }

    /// <summary>Unmarks this endpoint and all below it, except those that are passed through if so asked (eeh_pe_state_clear).</summary>
    public void Clear(EehPeFlags flags, bool includePassed)
    {
        if (includePassed || Passed == 0)
        {
            _flags &= ~flags;

            // What an error blocked by itself is free again with it.
            if ((flags & EehPeFlags.Isolated) != 0 && (_flags & EehPeFlags.ConfigRestricted) != 0) _flags &= ~EehPeFlags.ConfigBlocked;
        }

        foreach (EehPe child in _children) child.Clear(flags, includePassed);
    }

    /// <summary>An error was found here: all below shares it (eeh_pe_mark_isolated).</summary>
    public void MarkIsolated()
    {
        _flags |= EehPeFlags.Isolated;
        if ((_flags & EehPeFlags.ConfigRestricted) != 0) _flags |= EehPeFlags.ConfigBlocked;
        foreach (EehPe child in _children) child.MarkIsolated();
    }

    /// <summary>A function belongs to it from now on.</summary>
    public void Add(PciFunction function) => _members = [.. _members, new EehMember(function)];

    /// <summary>Its configuration space is to be blocked as soon as an error is found.</summary>
    public void RestrictConfig() => _flags |= EehPeFlags.ConfigRestricted;

    /// <summary>A function is gone.</summary>
    public void Remove(PciFunction function) => _members = [.. _members.Where(member => member.Function != function)];

    /// <summary>An endpoint below it was made.</summary>
    public void Add(EehPe child) => _children = [.. _children, child];

    /// <summary>An endpoint below it is gone.</summary>
    public void Remove(EehPe child) => _children = [.. _children.Where(other => other != child)];

    /// <summary>Its functions and those of all endpoints below it: what a reset reaches.</summary>
    public IEnumerable<EehMember> MembersBelow() => _members.Concat(_children.SelectMany(child => child.MembersBelow()));

    /// <summary>How messages name it.</summary>
    public override string ToString() => $"PHB#{Phb.Segment:x}-PE#{Number:x}";

    private const int ArmedForLoads = 1;
    private const int ArmedForStores = 2;
}
