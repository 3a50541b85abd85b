// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Pci;

namespace VfioSharp.Host.Sysfs;

/// <summary>
/// The attribute "resource" (drivers/pci/pci-sysfs.c: resource_show): a line for each BAR, the ROM, the BARs of virtual
/// functions; a bridge's windows follow.
/// </summary>
internal static class ResourceText
{
    // BARs 0-5, the ROM, and six for virtual functions (PCI_BRIDGE_RESOURCES of a kernel with SR-IOV).
    private const int Lines = 13;

    // IORESOURCE_IO, IORESOURCE_MEM, IORESOURCE_MEM with IORESOURCE_PREFETCH, IORESOURCE_MEM_64.
    private const ulong Io = 0x100;
    private const ulong Memory = 0x200;
    private const ulong Prefetchable = 0x2200;
    private const ulong Wide = 0x100000;

    /// <summary>The text for a function.</summary>
    public static string Of(PciFunction function)
    {
        var text = new StringBuilder();
        for (int index = 0; index < Lines; index++)
        {
            PciBar bar = index < function.Bars.Count ? function.Bars[index] : function.VirtualFunctionBars.FirstOrDefault(bar => bar.Index == index);
            if (bar.Size == 0) Append(text, 0, 0, 0);
            else Append(text, bar.Start, bar.Start + bar.Size - 1, bar.Flags);
        }

        bool isBridge = (function.ReadConfig(PciHeader.HeaderType, 1) & 0x7f) == 1 && function.ReadConfig(PciBridge.SecondaryBus, 1) != 0;
        if (isBridge) AppendWindows(function, text);
        return text.ToString();
    }

    // probe.c: pci_read_bridge_io, pci_read_bridge_mmio, pci_read_bridge_mmio_pref; the fourth is CardBus' alone.
    private static void AppendWindows(PciFunction bridge, StringBuilder text)
    {
        uint low = bridge.ReadConfig(PciBridge.IoBase, 1);
        uint high = bridge.ReadConfig(PciBridge.IoLimit, 1);
        bool wide = (low & 0xf) == 1;
        ulong first = ((low & 0xf0) << 8) | (wide ? bridge.ReadConfig(PciBridge.IoBaseUpper16, 2) << 16 : 0);
        ulong last = ((high & 0xf0) << 8) | (wide ? bridge.ReadConfig(PciBridge.IoLimitUpper16, 2) << 16 : 0);
        AppendWindow(text, first, last + 0xfff, (low & 0xf) | Io);

        low = bridge.ReadConfig(PciBridge.MemoryBase, 2);
        high = bridge.ReadConfig(PciBridge.MemoryLimit, 2);
        AppendWindow(text, (ulong)(low & 0xfff0) << 16, ((ulong)(high & 0xfff0) << 16) + 0xfffff, (low & 0xf) | Memory);

        low = bridge.ReadConfig(PciBridge.PrefMemoryBase, 2);
        high = bridge.ReadConfig(PciBridge.PrefMemoryLimit, 2);
        wide = (low & 0xf) == 1;
        first = ((ulong)(low & 0xfff0) << 16) | (wide ? (ulong)bridge.ReadConfig(PciBridge.PrefBaseUpper32, 4) << 32 : 0);
        last = ((ulong)(high & 0xfff0) << 16) | (wide ? (ulong)bridge.ReadConfig(PciBridge.PrefLimitUpper32, 4) << 32 : 0);
        AppendWindow(text, first, last + 0xfffff, (low & 0xf) | Prefetchable | (wide ? Wide : 0));
        Append(text, 0, 0, 0);
    }

    // A window that ends before it begins is off.
    private static void AppendWindow(StringBuilder text, ulong first, ulong last, ulong flags)
    {
        if (first <= last) Append(text, first, last, flags);
        else Append(text, 0, 0, 0);
    }

    private static void Append(StringBuilder text, ulong first, ulong last, ulong flags) =>
        text.Append(CultureInfo.InvariantCulture, $"0x{first:x16} 0x{last:x16} 0x{flags:x16}\n");
}
