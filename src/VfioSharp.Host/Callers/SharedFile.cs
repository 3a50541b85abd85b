// SPDX-License-Identifier: MIT
using VfioSharp.Linux;

namespace VfioSharp.Host.Callers;

/// <summary>
/// A shared memory file of a process, opened by the host for DMA; counted by the pinned ranges that use it.
/// </summary>
/// <remarks>
/// A file that is sealed against shrinking is mapped: loads and stores, no calls. Any other could be cut short by its
/// owner at any moment, and a load beyond its end would end this process: there every access is a read or a write.
/// </remarks>
internal sealed unsafe class SharedFile
{
    private readonly SafeDescriptor _descriptor;
    private readonly MappedMemory? _mapped;
    private readonly SharedFileCache _cache;

    private SharedFile(SharedFileCache cache, SafeDescriptor descriptor, FileIdentity identity, ulong size, bool writable, MappedMemory? mapped)
    {
        _cache = cache;
        _descriptor = descriptor;
        Identity = identity;
        Size = size;
        IsWritable = writable;
        _mapped = mapped;
    }

    public FileIdentity Identity { get; }

    /// <summary>Size in bytes when it was opened.</summary>
    public ulong Size { get; }

    public bool IsWritable { get; }

    /// <summary>Pinned ranges that use it. Guarded by the cache's lock.</summary>
    internal int References { get; set; } = 1;

    public static SharedFile Make(SharedFileCache cache, SafeDescriptor descriptor, FileIdentity identity, ulong size, bool writable)
    {
        MappedMemory? mapped = null;
        if (MemoryFile.IsSealedAgainstShrinking(descriptor) && size != 0)
        {
            const int Read = 1;
            const int ReadWrite = 3;
            _ = MappedMemory.MapFile(descriptor.Number, 0, size, writable ? ReadWrite : Read, out mapped);
        }

        return new SharedFile(cache, descriptor, identity, size, writable, mapped);
    }

    public bool Read(ulong offset, Span<byte> destination)
    {
        if (_mapped is null) return Descriptors.ReadAt(_descriptor.Number, destination, offset).Value == destination.Length;
        if (!Contains(offset, destination.Length)) return false;
        // SAFETY: inside the mapping as just checked, and the file cannot shrink below it.
        new ReadOnlySpan<byte>(_mapped.Start + offset, destination.Length).CopyTo(destination);
        return true;
    }

    public bool Write(ulong offset, ReadOnlySpan<byte> source)
    {
        if (!Contains(offset, source.Length) || !IsWritable) return false;
        if (_mapped is null) return Descriptors.WriteAt(_descriptor.Number, source, offset).Value == source.Length;
        // SAFETY: inside the mapping as just checked, and the file cannot shrink below it.
        source.CopyTo(new Span<byte>(_mapped.Start + offset, source.Length));
        return true;
    }

    public void Release() => _cache.Release(this);

    /// <summary>No pinned range is left.</summary>
    internal void Close()
    {
        _mapped?.Dispose();
        _descriptor.Dispose();
    }

    private bool Contains(ulong offset, int count) => offset <= Size && (ulong)count <= Size - offset;
}
