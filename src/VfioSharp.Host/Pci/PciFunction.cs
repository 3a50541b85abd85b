// SPDX-License-Identifier: MIT
using VfioSharp.Host.Iommu;
using VfioSharp.Pci;

namespace VfioSharp.Host.Pci;

/// <summary>A PCI function of the machine, as hardware: configuration space, BARs, interrupts, DMA.</summary>
/// <remarks>
/// Device models derive from it. What VFIO users may see of it is the bus driver's business (VfioPci), not the
/// function's. Members may be called from any thread; a model guards its own registers.
/// </remarks>
public abstract class PciFunction
{
    private PciIdentity? _identity;

    /// <summary>Where the function is.</summary>
    public abstract PciAddress Address { get; }

    /// <summary>A name of the machine file for scripts ("edu0"), or null.</summary>
    public abstract string? Alias { get; }

    /// <summary>Size of configuration space in bytes: 256 or 4096.</summary>
    public abstract int ConfigSize { get; }

    /// <summary>A load from configuration space: 1, 2 or 4 bytes, naturally aligned, inside its size.</summary>
    public abstract uint ReadConfig(int offset, int width);

    /// <summary>A store to configuration space, by the rules of the register it hits.</summary>
    public abstract void WriteConfig(int offset, int width, uint value);

    /// <summary>BARs 0–5 and the ROM (6) as the platform assigned them; unimplemented ones have size 0.</summary>
    public abstract IReadOnlyList<PciBar> Bars { get; }

    /// <summary>
    /// A load of 1, 2, 4 or 8 bytes from a BAR, inside its size. What decodes (COMMAND) was checked before.
    /// Thread-safe, like every member; called without a lock that an interrupt sink would want.
    /// </summary>
    public abstract ulong ReadBar(int bar, ulong offset, int width);

    /// <summary>A store to a BAR.</summary>
    public abstract void WriteBar(int bar, ulong offset, int width, ulong value);

    /// <summary>The parts of its BARs that are plain memory, of which ReadBar and WriteBar hear nothing; null: none.</summary>
    public virtual BarMemory? Memory => null;

    /// <summary>A load from the legacy VGA ranges (memory 0xa0000–0xbffff, ports 0x3b0–0x3df): ones where nobody answers.</summary>
    public virtual ulong ReadVga(ulong address, int width) => ulong.MaxValue;

    /// <summary>A store to the legacy VGA ranges.</summary>
    public virtual void WriteVga(ulong address, int width, ulong value)
    {
    }

    /// <summary>The ways this function can be reset, in the kernel's order of preference.</summary>
    public abstract IReadOnlyList<PciResetMethod> ResetMethods { get; }

    /// <summary>A reset reached the function.</summary>
    public abstract void Reset(PciResetMethod method);

    /// <summary>The BARs of its virtual functions all together (7–12), as the platform assigned them; empty without SR-IOV.</summary>
    public virtual IReadOnlyList<PciBar> VirtualFunctionBars => [];

    /// <summary>What is behind its vital product data capability; null when nothing answers there.</summary>
    public virtual VitalProductData? ProductData => null;

    /// <summary>Where the function's DMA enters the IOMMU. Set once, when the platform takes the function in.</summary>
    public IDmaPort? Dma { get; set; }

    /// <summary>What the platform puts between the function and the machine on errors; null where there is nothing such. Set likewise.</summary>
    public IPciIsolation? Isolation { get; set; }

    /// <summary>The physical function that a virtual one belongs to (SR-IOV); null for all others. Set likewise.</summary>
    public PciFunction? PhysicalFunction { get; set; }

    /// <summary>Who hears the function's interrupts; null: nobody. Set by the bus driver while a user has it open.</summary>
    public IPciInterruptSink? InterruptSink { get; set; }

    /// <summary>What the system found it to be, when the machine took it in.</summary>
    internal PciIdentity Identity => _identity ??= PciIdentity.Read(this);

    /// <summary>Who watches the machine; set when the machine takes the function in.</summary>
    internal HostActivity? Activity { get; set; }
}

/// <summary>A base address register as assigned.</summary>
/// <param name="Index">0–5, or 6 for the expansion ROM.</param>
/// <param name="Start">Bus address.</param>
/// <param name="Size">Size in bytes; 0 when not implemented.</param>
/// <param name="Flags">IORESOURCE_* flags as sysfs prints them.</param>
public readonly record struct PciBar(int Index, ulong Start, ulong Size, ulong Flags)
{
    /// <summary>Whether the BAR is port I/O (IORESOURCE_IO).</summary>
    public bool IsIo => (Flags & 0x100) != 0;

    /// <summary>Whether the BAR is memory (IORESOURCE_MEM).</summary>
    public bool IsMemory => (Flags & 0x200) != 0;

    /// <summary>Whether the BAR is prefetchable (IORESOURCE_PREFETCH).</summary>
    public bool IsPrefetchable => (Flags & 0x2000) != 0;

    /// <summary>Whether the BAR takes two registers (IORESOURCE_MEM_64).</summary>
    public bool Is64Bit => (Flags & 0x100000) != 0;
}

/// <summary>How a function can be reset (drivers/pci: pci_reset_fn_methods, in that order).</summary>
public enum PciResetMethod
{
    /// <summary>Function level reset by the PCI Express capability.</summary>
    Flr,

    /// <summary>Function level reset by the Advanced Features capability.</summary>
    AfFlr,

    /// <summary>D3hot to D0 transition.</summary>
    PowerManagement,

    /// <summary>Secondary bus reset; works only when the function is alone on its bus.</summary>
    Bus,
}

/// <summary>Hears a function's interrupts. Calls come from any thread and must not block or allocate.</summary>
public interface IPciInterruptSink
{
    /// <summary>The INTx line changed.</summary>
    void IntxChanged(bool asserted);

    /// <summary>An MSI or MSI-X message for <paramref name="vector"/> was sent.</summary>
    void Message(int vector);
}
