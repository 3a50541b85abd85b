// SPDX-License-Identifier: MIT
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Eeh;

/// <summary>
/// Enhanced error handling of a POWER machine (arch/powerpc/kernel/eeh.c): its partitionable endpoints and what VFIO asks
/// of them.
/// </summary>
/// <remarks>
/// Modelled of the host's own recovery (eeh_driver.c): an endpoint that nobody has taken is reset and works again. Not
/// modelled: the drivers' callbacks on the way, and that an endpoint is given up after its fifth error within an hour.
/// </remarks>
internal sealed partial class EehSubsystem
{
    // Guards what the kernel knows of all endpoints. Order: after the group registry's lock and those of IOMMU drivers;
    // functions' own locks and those of interrupts are taken under it, no gate of vfio-pci is.
    private readonly RankedLock _lock = new(LockRank.Eeh);
    private volatile EehPe[] _endpoints = [];

    /// <summary>An error handling without endpoints yet.</summary>
    public EehSubsystem(EehOperations operations) => Operations = operations;

    /// <summary>The platform's part.</summary>
    public EehOperations Operations { get; }

    /// <summary>Whether a frozen endpoint is cut off.</summary>
    public bool CutsOff => Operations.CutsOff;

    /// <summary>Whether any function of the machine has error handling (eeh_enabled).</summary>
    public bool IsEnabled => _endpoints.Length != 0;

    /// <summary>All endpoints, in the order in which they were made.</summary>
    public IReadOnlyList<EehPe> Endpoints => _endpoints;

    /// <summary>Makes an endpoint, below another or directly below its host bridge.</summary>
    public EehPe Add(EehPhb phb, int number, EehPeKind kind, EehPe? parent)
    {
        using (_lock.EnterScope())
        {
            var pe = new EehPe(this, phb, number, kind, parent);
            parent?.Add(pe);
            _endpoints = [.. _endpoints, pe];
            return pe;
        }
    }

    /// <summary>A function joins an endpoint (eeh_pe_tree_insert); its header is saved as it stands.</summary>
    public void Join(EehPe pe, PciFunction function)
    {
        using (_lock.EnterScope())
        {
            pe.Add(function);
            if (Operations.IsConfigFragile(function)) pe.RestrictConfig();
            function.Isolation = pe;
        }
    }

    /// <summary>A function leaves; an endpoint without functions and children goes with it (eeh_pe_tree_remove).</summary>
    public void Leave(PciFunction function)
    {
        using (_lock.EnterScope())
        {
            if (function.Isolation is not EehPe pe) return;
            function.Isolation = null;
            pe.Remove(function);
            for (EehPe? empty = pe; empty is { Members.Count: 0, Children.Count: 0 }; empty = empty.Parent)
            {
                empty.Parent?.Remove(empty);
                _endpoints = [.. _endpoints.Where(other => other != empty)];
            }
        }
    }

    /// <summary>The endpoint of a function, or null.</summary>
    public static EehPe? Find(PciFunction function) => function.Isolation as EehPe;

    /// <summary>EEH_PE_OP's DISABLE, ENABLE, UNFREEZE_IO and UNFREEZE_DMA (eeh_pe_set_option).</summary>
    public KernelResult SetOption(EehPe pe, EehOption option)
    {
        using (_lock.EnterScope())
        {
            return option switch
            {
                EehOption.Disable => KernelResult.Success,
                EehOption.Enable => IsEnabled ? ChangeOwner(pe) : KernelResult.Fail(Errno.EIO, $"{pe}: error handling is off on this machine"),
                _ => Enable(pe, option),
            };
        }
    }

    /// <summary>EEH_PE_OP's GET_STATE (eeh_pe_get_state): the state is the positive answer.</summary>
    public KernelResult GetState(EehPe pe)
    {
        using (_lock.EnterScope())
        {
            // The endpoint above is the host's, which recovers it: this one's owner is to wait.
            if (pe.Parent is { } parent && (parent.Flags & (EehPeFlags.Isolated | EehPeFlags.Recovering)) != 0) return KernelResult.Ok(Abi.Vfio.VfioEehPeState.Unavail);
            EehStates state = Operations.GetState(pe);
            bool dma = (state & EehStates.DmaEnabled) != 0;
            bool mmio = (state & EehStates.MmioEnabled) != 0;
            return KernelResult.Ok(
                (state & EehStates.ResetActive) != 0 ? Abi.Vfio.VfioEehPeState.Reset
                : dma && mmio ? Abi.Vfio.VfioEehPeState.Normal
                : !dma && !mmio ? Abi.Vfio.VfioEehPeState.Stopped
                : mmio ? Abi.Vfio.VfioEehPeState.StoppedDma
                : Abi.Vfio.VfioEehPeState.Unavail);
        }
    }

    /// <summary>EEH_PE_OP's CONFIGURE (eeh_pe_configure).</summary>
    public KernelResult Configure(EehPe pe)
    {
        using (_lock.EnterScope()) return Operations.ConfigureBridge(pe);
    }

    /// <summary>EEH_PE_OP's INJECT_ERR (eeh_pe_inject_err).</summary>
    public KernelResult InjectError(EehPe pe, int type, int function, ulong address, ulong mask)
    {
        if (function is < 0 or > (int)EehErrorFunction.Last) return KernelResult.Fail(Errno.EINVAL, $"{pe}: error function {function} is not one of 0 to {(int)EehErrorFunction.Last}");
        using (_lock.EnterScope()) return Operations.InjectError(pe, type, function, address, mask);
    }

    /// <summary>
    /// The hardware stops exactly what is named of the endpoint, as on an error. One that nobody has taken is then
    /// recovered by the host, where it hears of errors.
    /// </summary>
    /// <remarks>
    /// PowerNV's host hears by an interrupt, without anybody's load (eeh-powernv.c: pnv_eeh_event), and resets endpoints whose
    /// devices have no driver that answers (eeh_driver.c: eeh_handle_normal_event). Its thread takes seconds for that, in which
    /// a read of eeh_pe_state finds the endpoint stopped; here it is over when this returns.
    /// </remarks>
    public void Freeze(EehPe pe, PeFreeze what)
    {
        using (_lock.EnterScope())
        {
            PeFreeze stopped = Operations.StoppedBy(what);
            pe.SetStopped(stopped);
            pe.IsMarkedInError = stopped != PeFreeze.None;
            if (stopped == PeFreeze.None || !Operations.ReportsErrors || pe.Passed != 0) return;
            pe.MarkIsolated();
            Recover(pe);
        }
    }

    /// <summary>A load of a function's BAR meets nobody: an error, where the hardware acts on it (eeh_break_device).</summary>
    public KernelResult Break(PciFunction function)
    {
        if (!EehMember.HasMemoryBar(function)) return KernelResult.Fail(Errno.ENXIO, $"{function.Address} has no memory BAR to make an error with");
        if (Find(function) is { } pe && CutsOff) Freeze(pe, PeFreeze.All);
        return KernelResult.Success;
    }

    /// <summary>A write to eeh_pe_state: thaws an endpoint that is known to be in error (eeh_pe_state_store).</summary>
    public KernelResult Thaw(EehPe pe)
    {
        using (_lock.EnterScope())
        {
            if ((pe.Flags & EehPeFlags.Isolated) == 0) return KernelResult.Success;
            KernelResult thawed = Unfreeze(pe);
            if (thawed.IsSuccess) pe.Clear(EehPeFlags.Isolated, includePassed: true);
            return thawed;
        }
    }

    /// <summary>The text of eeh_pe_state: what the platform says, and what the kernel knows (eeh_pe_state_show).</summary>
    public string Describe(EehPe pe)
    {
        using (_lock.EnterScope()) return $"0x{(int)Operations.GetState(pe):x8} 0x{(int)pe.Flags:x8}\n";
    }

    /// <summary>All endpoints as they are at this moment.</summary>
    public IReadOnlyList<PartitionableEndpoint> Snapshot()
    {
        using (_lock.EnterScope())
        {
            return [.. _endpoints.Select(pe => new PartitionableEndpoint(
                pe.Phb.Segment,
                pe.Number,
                pe.Parent?.Number,
                [.. pe.Members.Select(member => member.Function.Address)],
                pe.Frozen,
                (pe.Flags & EehPeFlags.Isolated) != 0,
                (pe.Flags & EehPeFlags.ConfigBlocked) != 0,
                (pe.Flags & EehPeFlags.Recovering) != 0,
                pe.Passed,
                pe.Recoveries))];
        }
    }

    // eeh_pci_enable: thaws what is not going, and looks whether it goes then.
    private KernelResult Enable(EehPe pe, EehOption option)
    {
        EehStates going = option switch
        {
            EehOption.ThawMmio => EehStates.MmioActive | EehStates.MmioEnabled,
            EehOption.ThawDma => EehStates.DmaActive,
            _ => EehStates.None,
        };
        if (going == EehStates.None) return Operations.SetOption(pe, option);
        EehStates state = Operations.GetState(pe);
        if (state == EehStates.NotSupported || (state & going) != 0) return KernelResult.Success;
        KernelResult asked = Operations.SetOption(pe, option);
        if ((Operations.GetState(pe) & going) != 0) return KernelResult.Success;
        return KernelResult.Fail(Errno.EIO, asked.Reason ?? $"{pe}: {option} did not help, {pe.Frozen} is stopped still");
    }

    // eeh_unfreeze_pe
    private KernelResult Unfreeze(EehPe pe)
    {
        KernelResult mmio = Enable(pe, EehOption.ThawMmio);
        return mmio.IsError ? mmio : Enable(pe, EehOption.ThawDma);
    }

    // eeh_state_active
    private static bool IsActive(EehStates state) =>
        (state & (EehStates.MmioActive | EehStates.DmaActive)) == (EehStates.MmioActive | EehStates.DmaActive);
}
