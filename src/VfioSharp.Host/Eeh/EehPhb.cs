// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Eeh;

/// <summary>A host bridge's slot as its firmware has it: what one reset line reaches.</summary>
internal sealed class EehPhb(ushort segment)
{
    private int _resets;

    /// <summary>PCI domain.</summary>
    public ushort Segment { get; } = segment;

    /// <summary>Counts a reset that was asked for; from 1 on.</summary>
    public int CountReset() => Interlocked.Increment(ref _resets);
}
