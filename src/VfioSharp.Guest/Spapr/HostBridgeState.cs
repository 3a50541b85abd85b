// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Spapr;

/// <summary>
/// What a bridge holds of the guest's: its windows with their entries, who has which interrupt numbers, the levels of its
/// pins. As bytes it is: a magic number, a version, the bridge's index, the levels, two windows, the numbers, all
/// little-endian, with nothing after them.
/// </summary>
internal sealed class HostBridgeState
{
    private const uint Magic = 0x42505356; // "VSPB"
    private const uint Version = 1;
    private const int MostMessages = 32 * 8 * 256;
    private const int LevelMask = 0xf;

    /// <summary>Which bridge of the machine it is of.</summary>
    public required int Index { get; init; }

    /// <summary>Levels of the pins, INTA in bit 0.</summary>
    public required int Levels { get; init; }

    /// <summary>The windows, those that are disabled without pages.</summary>
    public required IReadOnlyList<Window> Windows { get; init; }

    /// <summary>Who has which numbers.</summary>
    public required IReadOnlyList<MessageGrant> Messages { get; init; }

    /// <summary>As bytes.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write((uint)Index);
        writer.Write((uint)Levels);
        foreach (Window window in Windows)
        {
            writer.Write((uint)window.PageShift);
            writer.Write(window.IsDefault ? 1u : 0u);
            writer.Write(window.Start.Value);
            writer.Write(window.PageCount);
            writer.Write((ulong)window.Entries.Count);
            foreach ((ulong index, ulong tce) in window.Entries)
            {
                writer.Write(index);
                writer.Write(tce);
            }
        }

        writer.Write((uint)Messages.Count);
        foreach (MessageGrant grant in Messages)
        {
            writer.Write(grant.ConfigAddress);
            writer.Write((uint)grant.First);
            writer.Write((uint)grant.Count);
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads it, trusting nothing; false: it is none, and why.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int windows, [NotNullWhen(true)] out HostBridgeState? state, out string problem)
    {
        state = null;
        var reader = new Reader(bytes);
        uint magic = reader.Take32(), version = reader.Take32(), index = reader.Take32(), levels = reader.Take32();
        if (reader.IsShort || magic != Magic)
        {
            problem = $"{bytes.Length} bytes that do not begin as a bridge's state does";
            return false;
        }

        if (version != Version || index > int.MaxValue || (levels & ~LevelMask) != 0)
        {
            problem = $"version {version} of bridge {index} with the levels 0x{levels:x}; version {Version} can be read";
            return false;
        }

        var read = new List<Window>();
        for (int i = 0; i < windows; i++)
        {
            if (!TryReadWindow(ref reader, out Window? window))
            {
                problem = $"window {i} is cut off, or its entries are not in order";
                return false;
            }

            read.Add(window);
        }

        if (!TryReadMessages(ref reader, out List<MessageGrant> messages) || reader.Left != 0)
        {
            problem = "the interrupt numbers are cut off, are no numbers of messages, or something follows them";
            return false;
        }

        state = new HostBridgeState { Index = (int)index, Levels = (int)levels, Windows = read, Messages = messages };
        problem = "";
        return true;
    }

    private static bool TryReadWindow(ref Reader reader, [NotNullWhen(true)] out Window? window)
    {
        window = null;
        uint shift = reader.Take32(), flags = reader.Take32();
        ulong start = reader.Take64(), pages = reader.Take64(), count = reader.Take64();
        if (reader.IsShort || shift > 63 || flags > 1 || pages > uint.MaxValue || count > (ulong)reader.Left / (2 * sizeof(ulong))) return false;
        var entries = new (ulong Index, ulong Tce)[count];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = (reader.Take64(), reader.Take64());
            if (entries[i].Index >= pages || entries[i].Tce == 0 || (i > 0 && entries[i].Index <= entries[i - 1].Index)) return false;
        }

        window = new Window((int)shift, new Iova(start), pages, flags == 1, entries);
        return true;
    }

    private static bool TryReadMessages(ref Reader reader, out List<MessageGrant> messages)
    {
        messages = [];
        uint count = reader.Take32();
        if (count > MostMessages) return false;
        for (uint i = 0; i < count && !reader.IsShort; i++)
        {
            uint address = reader.Take32(), first = reader.Take32(), numbers = reader.Take32();
            if (first > int.MaxValue || numbers > int.MaxValue || (address & ~MessageInterrupts.AddressMask) != 0) return false;
            if (messages.Count != 0 && address <= messages[^1].ConfigAddress) return false;
            messages.Add(new MessageGrant(address, (int)first, (int)numbers));
        }

        return !reader.IsShort;
    }

    /// <summary>A window.</summary>
    internal sealed record Window(int PageShift, Iova Start, ulong PageCount, bool IsDefault, IReadOnlyList<(ulong Index, ulong Tce)> Entries);

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _bytes = bytes;

        public bool IsShort { get; private set; }

        public readonly int Left => _bytes.Length;

        public uint Take32() => TryTake(sizeof(uint), out ReadOnlySpan<byte> taken) ? BinaryPrimitives.ReadUInt32LittleEndian(taken) : 0;

        public ulong Take64() => TryTake(sizeof(ulong), out ReadOnlySpan<byte> taken) ? BinaryPrimitives.ReadUInt64LittleEndian(taken) : 0;

        private bool TryTake(int count, out ReadOnlySpan<byte> taken)
        {
            IsShort |= _bytes.Length < count;
            taken = IsShort ? default : _bytes[..count];
            if (!IsShort) _bytes = _bytes[count..];
            return !IsShort;
        }
    }
}
