// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.VfioPci;

/// <summary>What a write to configuration space sets off in the rest of the device. No method is called under the configuration's lock.</summary>
internal interface IConfigEffects
{
    /// <summary>Whether SET_IRQS has enabled MSI.</summary>
    bool IsMsiEnabled { get; }

    /// <summary>Logarithm of the MSI vectors that SET_IRQS asked for (msi_qmax).</summary>
    int MsiQueueLimit { get; }

    /// <summary>Held by whoever changes the hardware's COMMAND in more than one step.</summary>
    Lock CommandLock { get; }

    /// <summary>The user's INTx disable bit changed (vfio_pci_intx_mask, vfio_pci_intx_unmask).</summary>
    void IntxDisableChanged(bool disabled);

    /// <summary>The user asked for a function level reset.</summary>
    void ResetFunction();
}
