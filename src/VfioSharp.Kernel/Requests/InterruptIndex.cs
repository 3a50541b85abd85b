// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;

namespace VfioSharp.Kernel.Requests;

/// <summary>Names of the interrupt indexes of vfio-pci.</summary>
public static class InterruptIndex
{
    private static readonly FieldNames s_names = FieldNames.Values(typeof(VfioPciIrqIndex), "VFIO_PCI_", "_IRQ_INDEX");

    /// <summary><c>INTX</c>, <c>MSI</c>, …; an index without a name by its number.</summary>
    public static string NameOf(uint index) => s_names.Format(index);
}
