// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;
using VfioSharp.Host.Pci;

namespace VfioSharp.Host.VfioPci;

/// <summary>What of a function's memory programs can map.</summary>
internal static class MappableMemory
{
    /// <summary>All of it, at its places in the device's file; null when there is none, or some is not of whole pages.</summary>
    public static FileMemory? Find(PciFunction function, int pageSize, int offsetShift)
    {
        ulong pageMask = (ulong)pageSize - 1;
        return function.Memory is { } memory && memory.Areas.All(area => ((area.Offset | area.Length) & pageMask) == 0)
            ? new FileMemory(memory, [.. memory.Areas.Select(area => ((ulong)area.Bar << offsetShift) + area.Offset)])
            : null;
    }
}
