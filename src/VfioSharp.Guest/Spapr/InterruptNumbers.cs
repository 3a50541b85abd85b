// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr;

/// <summary>The interrupt numbers of a pseries machine: who has which (hw/ppc/spapr_irq.c). Calls come one at a time.</summary>
public sealed class InterruptNumbers
{
    /// <summary>Number of the first bridge's first pin; each bridge has four.</summary>
    public const int FirstPin = 0x1200;

    /// <summary>Number of the first message.</summary>
    public const int FirstMessage = 0x1300;

    /// <summary>How many messages there can be.</summary>
    public const int Messages = 0xd00;

    private const int PinsOfBridge = 4;

    // As many as fit between the messages and the end of the machine's numbers (SPAPR_NR_XIRQS).
    private readonly bool[] _taken = new bool[Messages];

    /// <summary>The number of a bridge's pin (INTA is 0).</summary>
    public static int OfPin(int bridge, int pin) => FirstPin + (bridge * PinsOfBridge) + pin;

    /// <summary>
    /// Takes numbers that follow each other; -1: there are not enough. MSI-X's begin at an even one: the allocator
    /// takes its alignment for the opposite of what is asked (spapr_irq_msi_alloc).
    /// </summary>
    public int Take(int count, bool isMsix)
    {
        int step = isMsix ? 2 : 1;
        for (int first = 0; first + count <= _taken.Length; first += step)
        {
            if (_taken.AsSpan(first, count).Contains(true)) continue;
            _taken.AsSpan(first, count).Fill(true);
            return FirstMessage + first;
        }

        return -1;
    }

    /// <summary>Takes certain numbers; false: they are no messages', or somebody has one of them.</summary>
    public bool TryTake(int first, int count)
    {
        if (!IsMessage(first, count) || _taken.AsSpan(first - FirstMessage, count).Contains(true)) return false;
        _taken.AsSpan(first - FirstMessage, count).Fill(true);
        return true;
    }

    /// <summary>Whether numbers can be messages'.</summary>
    public bool IsMessage(int first, int count) => first >= FirstMessage && count > 0 && count <= _taken.Length && first - FirstMessage <= _taken.Length - count;

    /// <summary>Gives numbers back.</summary>
    public void Release(int first, int count) => _taken.AsSpan(first - FirstMessage, count).Clear();
}
