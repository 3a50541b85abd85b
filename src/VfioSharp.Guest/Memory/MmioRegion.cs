// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Memory;

/// <summary>Registers that code answers for.</summary>
/// <remarks>Called by whichever thread accesses the guest's memory there.</remarks>
public interface IMmioHandler
{
    /// <summary>Reads <paramref name="width"/> bytes (1, 2, 4, 8), little-endian.</summary>
    ulong Read(ulong offset, int width);

    /// <summary>Writes <paramref name="width"/> bytes (1, 2, 4, 8), little-endian.</summary>
    void Write(ulong offset, int width, ulong value);
}

/// <summary>A region of registers, whose accesses a handler answers.</summary>
public sealed class MmioRegion : MemoryRegion
{
    /// <summary>Makes a region.</summary>
    /// <param name="topology">The machine's regions.</param>
    /// <param name="name">For messages.</param>
    /// <param name="size">Size in bytes.</param>
    /// <param name="handler">Who answers.</param>
    public MmioRegion(MemoryTopology topology, string name, ulong size, IMmioHandler handler)
        : base(topology, name, size)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Handler = handler;
    }

    /// <summary>Who answers accesses.</summary>
    public IMmioHandler Handler { get; }
}
