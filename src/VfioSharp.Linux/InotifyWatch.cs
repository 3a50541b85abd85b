// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Text;

namespace VfioSharp.Linux;

/// <summary>inotify(7), for one question: which watched files were closed.</summary>
public sealed class InotifyWatch : IDisposable
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    // IN_CLOSE_WRITE | IN_CLOSE_NOWRITE.
    private const uint Close = 0x8 | 0x10;

    private const int EventBytes = 16;
    private const int BufferBytes = 4096;

    private readonly SafeDescriptor _descriptor;
    private readonly byte[] _buffer = new byte[BufferBytes];

    private InotifyWatch(SafeDescriptor descriptor) => _descriptor = descriptor;

    /// <summary>The descriptor, for polling.</summary>
    public int Number => _descriptor.Number;

    /// <summary>A new instance. EMFILE when the user has no more (fs.inotify.max_user_instances).</summary>
    public static SyscallResult Create(out InotifyWatch? watch)
    {
        SyscallResult created = Descriptors.Own(SyscallResult.FromLibc(Interop.InotifyInit(NonBlocking | CloseOnExec)), out SafeDescriptor? own);
        watch = own is null ? null : new InotifyWatch(own);
        return created;
    }

    /// <summary>
    /// Watches for the last close of an open file description, of a file or of any in a folder; the value is the watch's
    /// number.
    /// </summary>
    public SyscallResult AddCloseWatch(string path) =>
        SyscallResult.FromLibc(Interop.InotifyAddWatch(Number, path, Close));

    /// <summary>Ends a watch.</summary>
    public SyscallResult Remove(int watch) => SyscallResult.FromLibc(Interop.InotifyRemoveWatch(Number, watch));

    /// <summary>Whether there is something to <see cref="Drain"/>: cheaper than a read that finds nothing.</summary>
    public bool HasEvents
    {
        get
        {
            const uint BytesReadable = 0x541B; // FIONREAD
            Span<byte> count = stackalloc byte[4];
            return Descriptors.Ioctl(Number, BytesReadable, count).IsError || BinaryPrimitives.ReadInt32LittleEndian(count) != 0;
        }
    }

    /// <summary>
    /// Takes what happened since the last call, without waiting: the watches whose file was closed, and its name in a
    /// watched folder, else "". One thread at a time. False when there was nothing.
    /// </summary>
    public bool Drain(List<(int Watch, string Name)> closed)
    {
        bool any = false;
        while (true)
        {
            SyscallResult read = Descriptors.Read(Number, _buffer);
            if (read.Errno == Errno.EINTR) continue;
            if (read.IsError || read.Value == 0) return any;
            any = true;
            for (int at = 0; at + EventBytes <= read.Value;)
            {
                int watch = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(at));
                uint mask = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(at + 4));
                int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(at + 12));
                if ((mask & Close) != 0) closed.Add((watch, Encoding.UTF8.GetString(_buffer, at + EventBytes, length).TrimEnd('\0')));
                at += EventBytes + length;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _descriptor.Dispose();
}
