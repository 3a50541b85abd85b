// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Pci;

/// <summary>
/// A file that other processes map and that can hold a function's <see cref="BarMemory"/>. Called below that memory's
/// lock, by one thread at a time. Whoever has the file may do to it what it likes: what cannot be read reads as zeros.
/// </summary>
public interface IBarMemoryFile
{
    /// <summary>Makes the pages, zeroed; false when it cannot.</summary>
    bool Show();

    /// <summary>Takes the pages away, out of every mapping: accesses raise SIGBUS.</summary>
    void Hide();

    /// <summary>Reads bytes of an area, by its place in <see cref="BarMemory.Areas"/>.</summary>
    void Read(int area, ulong offset, Span<byte> destination);

    /// <summary>Writes bytes of an area.</summary>
    void Write(int area, ulong offset, ReadOnlySpan<byte> source);
}
