// SPDX-License-Identifier: MIT
namespace VfioSharp.Kernel;

/// <summary>How a load or store ended.</summary>
public enum MemoryFault
{
    /// <summary>It was done.</summary>
    None,

    /// <summary>SIGBUS: the mapping is there, what is behind it is not (memory decoding off, beyond the end).</summary>
    Bus,

    /// <summary>SIGSEGV: nothing is mapped there, or the protection forbids it.</summary>
    Segmentation,
}

/// <summary>
/// Memory of the caller: a mapped device region, or memory that can be mapped for DMA. On the real kernel loads
/// and stores go to memory; on the software host those to a device model's BAR are dispatched to the model.
/// A fault is a result, never a signal.
/// </summary>
/// <remarks>
/// Accesses are little-endian as stored, of width 1, 2, 4 or 8 bytes, and single at natural alignment.
/// Any thread may use a mapping; disposing it while another thread uses it is the caller's mistake.
/// </remarks>
public abstract class VfioMapping : IDisposable
{
    /// <summary>Where the mapping starts in the caller's address space, as MAP_DMA's <c>vaddr</c> wants it.</summary>
    public abstract ulong Address { get; }

    /// <summary>Length in bytes.</summary>
    public abstract ulong Length { get; }

    /// <summary>Loads <paramref name="width"/> bytes (1, 2, 4, 8).</summary>
    public abstract MemoryFault Load(ulong offset, int width, out ulong value);

    /// <summary>Stores <paramref name="width"/> bytes (1, 2, 4, 8).</summary>
    public abstract MemoryFault Store(ulong offset, int width, ulong value);

    /// <summary>Copies out a block. Meant for memory, not for registers: the width of the loads is not said.</summary>
    public abstract MemoryFault Read(ulong offset, Span<byte> destination);

    /// <summary>Copies in a block. Meant for memory, not for registers.</summary>
    public abstract MemoryFault Write(ulong offset, ReadOnlySpan<byte> source);

    /// <summary>Ends the mapping.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the mapping.</summary>
    protected abstract void Dispose(bool disposing);
}
