// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Supervisor.Tracing;

/// <summary>A program's access to a mapped register of a device, which was trapped and carried out.</summary>
/// <param name="Program">The program and its process id, for messages.</param>
/// <param name="Process">The process.</param>
/// <param name="Thread">The thread.</param>
/// <param name="File">What the program has mapped ("device 0000:03:00.0").</param>
/// <param name="Offset">Where in that file.</param>
/// <param name="Width">Bytes.</param>
/// <param name="IsStore">Whether it wrote.</param>
/// <param name="Value">The value read or written.</param>
/// <param name="Fault">What came of it.</param>
public readonly record struct TracedAccess(
    string Program, int Process, int Thread, string File, ulong Offset, int Width, bool IsStore, ulong Value, MemoryFault Fault);
