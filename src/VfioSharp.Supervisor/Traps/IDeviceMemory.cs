// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Supervisor.Traps;

/// <summary>The mapped device memory of a program, by its addresses.</summary>
internal interface IDeviceMemory
{
    /// <summary>Whether an address is mapped device memory.</summary>
    bool Contains(ulong address);

    /// <summary>A load of 1, 2, 4 or 8 bytes.</summary>
    MemoryFault Load(ulong address, int width, out ulong value);

    /// <summary>A store of 1, 2, 4 or 8 bytes.</summary>
    MemoryFault Store(ulong address, int width, ulong value);

    /// <summary>Reads the program's ordinary memory: the other side of a string instruction.</summary>
    bool TryRead(ulong address, Span<byte> destination);

    /// <summary>Writes the program's ordinary memory.</summary>
    bool TryWrite(ulong address, ReadOnlySpan<byte> source);
}
