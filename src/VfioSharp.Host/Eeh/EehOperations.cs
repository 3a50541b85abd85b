// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Eeh;

/// <summary>
/// How a platform does what EEH needs (arch/powerpc/include/asm/eeh.h: struct eeh_ops). Called under the lock of
/// <see cref="EehSubsystem"/> unless a member says otherwise.
/// </summary>
internal abstract class EehOperations
{
    /// <summary>Whether a frozen endpoint is really cut off. Asked without a lock.</summary>
    public abstract bool CutsOff { get; }

    /// <summary>Whether the hardware freezes an endpoint whose memory request was refused. Asked without a lock.</summary>
    public abstract bool FreezesOnDmaFault { get; }

    /// <summary>Whether the host hears of a freeze at once, and recovers what nobody has taken.</summary>
    public abstract bool ReportsErrors { get; }

    /// <summary>What accesses to blocked configuration space fail with. Asked without a lock.</summary>
    public abstract Errno BlockedConfigError { get; }

    /// <summary>Whether reading the function's configuration space after an error would make things worse.</summary>
    public virtual bool IsConfigFragile(PciFunction function) => false;

    /// <summary>set_option: enables, thaws, freezes.</summary>
    public abstract KernelResult SetOption(EehPe pe, EehOption option);

    /// <summary>get_state.</summary>
    public abstract EehStates GetState(EehPe pe);

    /// <summary>reset: one step of it.</summary>
    public abstract KernelResult Reset(EehPe pe, EehReset step);

    /// <summary>configure_bridge: what firmware sets up again after a reset.</summary>
    public abstract KernelResult ConfigureBridge(EehPe pe);

    /// <summary>err_inject; <paramref name="function"/> is in the range of EEH's functions.</summary>
    public abstract KernelResult InjectError(EehPe pe, int type, int function, ulong address, ulong mask);

    /// <summary>Whether the firmware does a reset of the endpoint's bus that the kernel starts on its own account. Called without a lock.</summary>
    public abstract bool ResetsBus(EehPe pe);

    /// <summary>What the hardware stops when an error of a kind is seen: not all can stop one alone.</summary>
    public abstract PeFreeze StoppedBy(PeFreeze error);
}
