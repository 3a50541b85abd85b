// SPDX-License-Identifier: MIT
using VfioSharp.Host.Locking;

namespace VfioSharp.Host.VfioPci;

/// <summary>What a write to configuration space sets off in the rest of the device. None but <see cref="MemoryMoved"/> is called under the configuration's lock.</summary>
internal interface IConfigEffects
{
    /// <summary>Whether SET_IRQS has enabled MSI.</summary>
    bool IsMsiEnabled { get; }

    /// <summary>Whether the user is not to see that the device has INTx (nointx).</summary>
    bool HidesIntx { get; }

    /// <summary>Whether virtual functions depend on the device (sriov_active).</summary>
    bool HasVirtualFunctions { get; }

    /// <summary>Logarithm of the MSI vectors that SET_IRQS asked for (msi_qmax).</summary>
    int MsiQueueLimit { get; }

    /// <summary>Held by whoever changes the hardware's COMMAND in more than one step.</summary>
    RankedLock CommandLock { get; }

    /// <summary>The user's INTx disable bit changed (vfio_pci_intx_mask, vfio_pci_intx_unmask).</summary>
    void IntxDisableChanged(bool disabled);

    /// <summary>A write may have taken the device's memory away or brought it back: told in the order of the writes.</summary>
    void MemoryMoved(bool isAccessible);

    /// <summary>The device came out of a power state in which it had lost its state, which was put back (pci_restore_msi_state).</summary>
    void StateRestored();

    /// <summary>The user asked for a function level reset.</summary>
    void ResetFunction();
}
