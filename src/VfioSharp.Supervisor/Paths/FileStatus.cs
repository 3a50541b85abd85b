// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Host.Sysfs;

namespace VfioSharp.Supervisor.Paths;

/// <summary>What stat and statx say of the machine's files.</summary>
internal static class FileStatus
{
    /// <summary>Size of struct statx.</summary>
    public const int StatxSize = 256;

    /// <summary>Size of x86-64's struct stat.</summary>
    public const int StatSize = 144;

    private const int AttributeSize = 4096;
    private const int CharacterDevice = 0x2000;
    private const int RegularFile = 0x8000;

    // include/linux/miscdevice.h: VFIO_MINOR; the groups' number is given out at run time, from the highest down.
    private const uint MiscMajor = 10;
    private const uint ContainerMinor = 196;
    private const uint GroupMajor = 511;

    /// <summary>Turns the status of a projected file (struct statx) into the status of what it stands for.</summary>
    public static void Correct(Span<byte> statx, SysfsEntry entry)
    {
        // Owned by root, as all of sysfs.
        statx.Slice(20, 8).Clear();
        if (entry.Kind == SysfsKind.Attribute)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(statx[28..], (ushort)(RegularFile | entry.Mode));
            ulong size = BinaryPrimitives.ReadUInt64LittleEndian(statx[40..]);
            bool isBinary = entry.Path.EndsWith("/config", StringComparison.Ordinal);
            BinaryPrimitives.WriteUInt64LittleEndian(statx[40..], isBinary ? size : AttributeSize);
        }
        else if (entry.Kind == SysfsKind.Node)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(statx[28..], (ushort)(CharacterDevice | entry.Mode));
            string name = entry.Path[(entry.Path.LastIndexOf('/') + 1)..];
            bool isGroup = uint.TryParse(name, out uint minor);
            BinaryPrimitives.WriteUInt32LittleEndian(statx[128..], isGroup ? GroupMajor : MiscMajor);
            BinaryPrimitives.WriteUInt32LittleEndian(statx[132..], isGroup ? minor : ContainerMinor);
        }
    }

    /// <summary>Lays a struct statx out as x86-64's struct stat (arch/x86/include/uapi/asm/stat.h).</summary>
    public static void Convert(ReadOnlySpan<byte> statx, Span<byte> stat)
    {
        stat[..StatSize].Clear();
        Write(stat, 0, DeviceNumber(statx[136..]));
        Write(stat, 8, Long(statx, 32));
        Write(stat, 16, Int(statx, 16));
        BinaryPrimitives.WriteUInt32LittleEndian(stat[24..], BinaryPrimitives.ReadUInt16LittleEndian(statx[28..]));
        statx.Slice(20, 8).CopyTo(stat[28..]);
        Write(stat, 40, DeviceNumber(statx[128..]));
        Write(stat, 48, Long(statx, 40));
        Write(stat, 56, Int(statx, 4));
        Write(stat, 64, Long(statx, 48));
        WriteTime(stat, 72, statx[64..]);
        WriteTime(stat, 88, statx[112..]);
        WriteTime(stat, 104, statx[96..]);
    }

    private static void WriteTime(Span<byte> stat, int at, ReadOnlySpan<byte> time)
    {
        Write(stat, at, Long(time, 0));
        Write(stat, at + 8, Int(time, 8));
    }

    // include/linux/kdev_t.h: new_encode_dev, widened.
    private static ulong DeviceNumber(ReadOnlySpan<byte> numbers)
    {
        uint major = Int(numbers, 0), minor = Int(numbers, 4);
        return (minor & 0xff) | ((ulong)major << 8) | ((ulong)(minor & ~0xffu) << 12);
    }

    private static uint Int(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private static void Write(Span<byte> bytes, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(bytes[at..], value);
}
