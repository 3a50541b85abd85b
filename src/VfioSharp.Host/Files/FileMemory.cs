// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;

namespace VfioSharp.Host.Files;

/// <summary>The parts of a file that are plain memory when they are mapped.</summary>
/// <param name="Memory">The memory.</param>
/// <param name="Places">Where in the file each of its areas is; whole pages.</param>
public sealed record FileMemory(BarMemory Memory, IReadOnlyList<ulong> Places);
