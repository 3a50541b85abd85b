// SPDX-License-Identifier: MIT
using System.Buffers.Text;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Files;

namespace VfioSharp.Supervisor.Programs;

/// <summary>A thread that makes calls: whose it is, and the way to its descriptor table.</summary>
/// <param name="process">The process it belongs to.</param>
/// <param name="descriptors">/proc/TID/fd, opened while the thread lived: it never shows another thread's.</param>
internal sealed class RemoteThread(RemoteProcess process, SafeDescriptor descriptors) : IDisposable
{
    private const int MemoryMilliseconds = 1000;

    private Slot[]? _slots;

    public RemoteProcess Process => process;

    /// <summary>Which inode is open at a descriptor number; ENOENT: nothing is, or the thread is gone.</summary>
    public SyscallResult Identify(int descriptor, out FileIdentity identity)
    {
        Span<byte> name = stackalloc byte[12];
        _ = Utf8Formatter.TryFormat(descriptor, name, out int length);
        name[length] = 0;
        return Descriptors.IdentifyAt(descriptors.Number, name[..(length + 1)], out identity);
    }

    /// <summary>
    /// What a number of the window was found to stand for, if that is recent and nothing happened to the process's
    /// descriptors since. The age bounds what no call tells of: a thread id used again, a close by io_uring.
    /// </summary>
    public ServedFile? Recall(int slot)
    {
        if (_slots is null) return null;
        ref readonly Slot known = ref _slots[slot];
        return known.File is { IsReleased: false } file && known.Version == process.DescriptorVersion &&
            Environment.TickCount64 - known.FoundAt < MemoryMilliseconds ? file : null;
    }

    /// <summary>Remembers what a number of the window stands for.</summary>
    public void Remember(int slot, int slots, ServedFile file)
    {
        _slots ??= new Slot[slots];
        _slots[slot] = new Slot(file, process.DescriptorVersion, Environment.TickCount64);
    }

    public void Dispose() => descriptors.Dispose();

    private readonly record struct Slot(ServedFile? File, int Version, long FoundAt);
}
