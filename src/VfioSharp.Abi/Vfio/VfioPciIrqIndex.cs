// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Interrupt indexes of vfio-pci.</summary>
public static class VfioPciIrqIndex
{
    /// <summary><c>VFIO_PCI_INTX_IRQ_INDEX</c>: line interrupt.</summary>
    [CName("VFIO_PCI_INTX_IRQ_INDEX")]
    public const uint Intx = 0;

    /// <summary><c>VFIO_PCI_MSI_IRQ_INDEX</c>: MSI vectors.</summary>
    [CName("VFIO_PCI_MSI_IRQ_INDEX")]
    public const uint Msi = 1;

    /// <summary><c>VFIO_PCI_MSIX_IRQ_INDEX</c>: MSI-X vectors.</summary>
    [CName("VFIO_PCI_MSIX_IRQ_INDEX")]
    public const uint Msix = 2;

    /// <summary><c>VFIO_PCI_ERR_IRQ_INDEX</c>: uncorrected error.</summary>
    [CName("VFIO_PCI_ERR_IRQ_INDEX")]
    public const uint Err = 3;

    /// <summary><c>VFIO_PCI_REQ_IRQ_INDEX</c>: the host wants the device back.</summary>
    [CName("VFIO_PCI_REQ_IRQ_INDEX")]
    public const uint Req = 4;

    /// <summary><c>VFIO_PCI_NUM_IRQS</c>: number of indexes.</summary>
    [CName("VFIO_PCI_NUM_IRQS")]
    public const uint Count = 5;
}
