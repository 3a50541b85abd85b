// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr;

/// <summary>
/// A window's entries, by parts that are made when an entry of theirs is first set: windows may be far larger than what
/// is mapped. Written by one thread at a time, read by any.
/// </summary>
internal sealed class TceEntries(ulong count)
{
    private const int PartShift = 12;
    private const int PartSize = 1 << PartShift;

    private readonly ulong[]?[] _parts = new ulong[(count + PartSize - 1) >> PartShift][];

    /// <summary>An entry; 0 beyond the end, where a reader looks that a change of the window has overtaken.</summary>
    public ulong this[ulong index]
    {
        get
        {
            ulong[]?[] parts = _parts;
            return index >> PartShift < (ulong)parts.Length && parts[index >> PartShift] is { } part ? Volatile.Read(ref part[index & (PartSize - 1)]) : 0;
        }
        set
        {
            ref ulong[]? part = ref _parts[index >> PartShift];
            if (part is null)
            {
                if (value == 0) return;
                Volatile.Write(ref part, new ulong[PartSize]);
            }

            Volatile.Write(ref part![index & (PartSize - 1)], value);
        }
    }

    /// <summary>The index of the first entry from one on that is not 0; the number of entries when there is none.</summary>
    public ulong FindSet(ulong from)
    {
        for (ulong index = from; index < count;)
        {
            if (_parts[index >> PartShift] is not { } part)
            {
                index = ((index >> PartShift) + 1) << PartShift;
                continue;
            }

            int inPart = (int)(index & (PartSize - 1));
            int found = part.AsSpan(inPart).IndexOfAnyExcept(0UL);
            if (found >= 0) return index + (ulong)found;
            index += (ulong)(PartSize - inPart);
        }

        return count;
    }
}
