// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace VfioSharp.Linux;

/// <summary>One mapping of a process (a VMA), as /proc/PID/maps shows it.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">The address after the last.</param>
/// <param name="Readable">PROT_READ.</param>
/// <param name="Writable">PROT_WRITE.</param>
/// <param name="Shared">MAP_SHARED.</param>
/// <param name="FileOffset">Offset in the file of <paramref name="Start"/>.</param>
/// <param name="File">The file's identity; inode 0 for anonymous memory.</param>
public readonly record struct MappedArea(
    ulong Start, ulong End, bool Readable, bool Writable, bool Shared, ulong FileOffset, FileIdentity File);

/// <summary>
/// Looks mappings of a process up, by PROCMAP_QUERY (Linux 6.11) or else by the text of /proc/PID/maps. Bound to the
/// memory the process had when this was opened: after an exec it finds nothing.
/// </summary>
public sealed class MappedAreas : IDisposable
{
    // include/uapi/linux/fs.h: PROCMAP_QUERY, _IOWR(0x66, 17, 104 bytes).
    private const uint ProcmapQuery = 0xC0686611;

    private readonly SafeDescriptor _maps;
    private bool _queryMissing;

    private MappedAreas(SafeDescriptor maps) => _maps = maps;

    /// <summary>Opens the mappings of a process. ESRCH or ENOENT when it is gone, EACCES when it may not be looked at.</summary>
    public static SyscallResult Open(int process, out MappedAreas? areas)
    {
        SyscallResult opened = Descriptors.Open(
            string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/maps"),
            OpenFlags.ReadOnly | OpenFlags.CloseOnExec,
            out SafeDescriptor? maps);
        areas = maps is null ? null : new MappedAreas(maps);
        return opened;
    }

    /// <summary>The mapping that covers <paramref name="address"/>; false when there is none, or no memory any more.</summary>
    public bool TryFind(ulong address, out MappedArea area)
    {
        if (!_queryMissing)
        {
            ProcmapQueryArgument query = new() { Size = 104, Address = address };
            SyscallResult result = Descriptors.Ioctl(_maps.Number, ProcmapQuery, MemoryMarshal.AsBytes(new Span<ProcmapQueryArgument>(ref query)));
            area = new MappedArea(
                query.Start, query.End, (query.AreaFlags & 1) != 0, (query.AreaFlags & 2) != 0, (query.AreaFlags & 8) != 0,
                query.Offset, new FileIdentity(query.DeviceMajor, query.DeviceMinor, query.Inode));
            if (result.Errno != Errno.ENOTTY) return !result.IsError;
            _queryMissing = true;
        }

        return TryFindInText(address, out area);
    }

    /// <inheritdoc/>
    public void Dispose() => _maps.Dispose();

    /// <summary>Reads one line of /proc/PID/maps: <c>start-end perms offset major:minor inode path</c>.</summary>
    internal static bool TryParse(string line, out MappedArea area)
    {
        area = default;
        string[] words = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 5 || words[1].Length != 4) return false;
        string[] range = words[0].Split('-');
        string[] device = words[3].Split(':');
        if (range.Length != 2 || device.Length != 2 ||
            !TryHex(range[0], out ulong start) || !TryHex(range[1], out ulong end) || !TryHex(words[2], out ulong offset) ||
            !TryHex(device[0], out ulong major) || !TryHex(device[1], out ulong minor) ||
            !ulong.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode))
        {
            return false;
        }

        area = new MappedArea(
            start, end, words[1][0] == 'r', words[1][1] == 'w', words[1][3] == 's', offset,
            new FileIdentity((uint)major, (uint)minor, inode));
        return true;
    }

    private static bool TryHex(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    private bool TryFindInText(ulong address, out MappedArea area)
    {
        StringBuilder text = new();
        byte[] chunk = new byte[1 << 16];
        for (ulong at = 0; ;)
        {
            SyscallResult read = Descriptors.ReadAt(_maps.Number, chunk, at);
            if (read.Value <= 0) break;
            text.Append(Encoding.UTF8.GetString(chunk, 0, (int)read.Value));
            at += (ulong)read.Value;
        }

        foreach (string line in text.ToString().Split('\n'))
            if (TryParse(line, out area) && address >= area.Start && address < area.End) return true;
        area = default;
        return false;
    }

    /// <summary>struct procmap_query (include/uapi/linux/fs.h).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 104)]
    private struct ProcmapQueryArgument
    {
        [FieldOffset(0)]
        public ulong Size;

        [FieldOffset(16)]
        public ulong Address;

        [FieldOffset(24)]
        public ulong Start;

        [FieldOffset(32)]
        public ulong End;

        [FieldOffset(40)]
        public ulong AreaFlags;

        [FieldOffset(56)]
        public ulong Offset;

        [FieldOffset(64)]
        public ulong Inode;

        [FieldOffset(72)]
        public uint DeviceMajor;

        [FieldOffset(76)]
        public uint DeviceMinor;
    }
}
