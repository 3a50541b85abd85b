// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;
using VfioSharp.Host.Locking;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Callers;

/// <summary>The descriptors of a modelled process: host files, eventfds, memfds. Thread-safe.</summary>
internal sealed class SoftwareFileTable : IFileTable
{
    // 0–2 are the standard streams of any process.
    private const int FirstDescriptor = 3;
    private const int MostDescriptors = 65536;

    // What is open there: a file, but none of the host's.
    private static readonly object StandardStream = new();

    // Guards _slots and _lowestFree. Innermost: files are released after it is let go.
    private readonly RankedLock _lock = new(LockRank.Leaf);
    private object?[] _slots = new object?[64];
    private int _lowestFree = FirstDescriptor;

    public SoftwareFileTable() => _slots.AsSpan(0, FirstDescriptor).Fill(StandardStream);

    /// <summary>Descriptors open besides the standard streams, for leak checks.</summary>
    public int OpenCount
    {
        get
        {
            using (_lock.EnterScope()) return _slots.Count(slot => slot is not null && slot != StandardStream);
        }
    }

    /// <inheritdoc/>
    public DescriptorKind Find(int descriptor, out HostFile? file)
    {
        object? slot = Slot(descriptor);
        file = slot as HostFile;
        return file is not null ? DescriptorKind.Host : slot is null ? DescriptorKind.Closed : DescriptorKind.Foreign;
    }

    /// <summary>fget: the host file at a descriptor, acquired; null when there is none.</summary>
    public HostFile? Acquire(int descriptor)
    {
        using (_lock.EnterScope())
        {
            var file = Slot(descriptor) as HostFile;
            file?.Acquire();
            return file;
        }
    }

    /// <summary>The object at a descriptor, or null.</summary>
    public object? Slot(int descriptor)
    {
        object?[] slots = Volatile.Read(ref _slots);
        return (uint)descriptor < (uint)slots.Length ? Volatile.Read(ref slots[descriptor]) : null;
    }

    /// <inheritdoc/>
    public KernelResult Install(HostFile file) => Add(file);

    /// <summary>Puts an object at the lowest free descriptor.</summary>
    public KernelResult Add(object item)
    {
        using (_lock.EnterScope())
        {
            int at = _lowestFree;
            while (at < _slots.Length && _slots[at] is not null) at++;
            if (at >= MostDescriptors) return KernelResult.Fail(Errno.EMFILE, $"all {MostDescriptors} descriptors of the process are open");
            if (at == _slots.Length)
            {
                var larger = new object?[_slots.Length * 2];
                Array.Copy(_slots, larger, _slots.Length);
                Volatile.Write(ref _slots, larger);
            }

            Volatile.Write(ref _slots[at], item);
            _lowestFree = at + 1;
            return KernelResult.Ok(at);
        }
    }

    /// <inheritdoc/>
    public KernelResult FindEvent(int descriptor, out IEventHandle? handle)
    {
        handle = null;
        object? slot = Slot(descriptor);
        if (slot is null) return KernelResult.Fail(Errno.EBADF, $"descriptor {descriptor} is not open");
        if (slot is not SoftwareEvent target) return KernelResult.Fail(Errno.EINVAL, $"descriptor {descriptor} is not an eventfd");
        handle = target;
        return KernelResult.Success;
    }

    /// <summary>dup: another descriptor of the same file.</summary>
    public KernelResult Duplicate(int descriptor)
    {
        using (_lock.EnterScope())
        {
            object? slot = Slot(descriptor);
            if (slot is null) return KernelResult.Fail(Errno.EBADF, $"dup: descriptor {descriptor} is not open");
            AcquireItem(slot);
            KernelResult added = Add(slot);
            if (added.IsError) ReleaseItem(slot);
            return added;
        }
    }

    /// <summary>close.</summary>
    public KernelResult Close(int descriptor)
    {
        object? slot;
        using (_lock.EnterScope())
        {
            slot = Slot(descriptor);
            if (slot is null) return KernelResult.Fail(Errno.EBADF, $"close: descriptor {descriptor} is not open");
            Volatile.Write(ref _slots[descriptor], null);
            if (descriptor < _lowestFree) _lowestFree = descriptor;
        }

        ReleaseItem(slot);
        return KernelResult.Success;
    }

    /// <summary>Closes everything, as exit does, lowest first.</summary>
    public void CloseAll()
    {
        for (int i = 0; i < Volatile.Read(ref _slots).Length; i++)
        {
            if (Slot(i) is not null) Close(i);
        }
    }

    /// <summary>fork: the same files at the same descriptors.</summary>
    public SoftwareFileTable Fork()
    {
        var child = new SoftwareFileTable();
        using (_lock.EnterScope())
        {
            child._slots = (object?[])_slots.Clone();
            child._lowestFree = _lowestFree;
            foreach (object? slot in _slots) AcquireItem(slot);
        }

        return child;
    }

    private static void AcquireItem(object? item)
    {
        if (item is HostFile file) file.Acquire();
        else if (item is MemoryBacking backing) backing.Acquire();
        else if (item is SoftwareEvent target) target.Acquire();
    }

    private static void ReleaseItem(object item)
    {
        if (item is HostFile file) file.Release();
        else if (item is MemoryBacking backing) backing.Release();
        else if (item is SoftwareEvent target) target.Release();
    }
}
