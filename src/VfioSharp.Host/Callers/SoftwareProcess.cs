// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Callers;

/// <summary>
/// A modelled process that uses the host: what scripts, fuzzers and drivers of this process act as. Its system calls
/// answer as a kernel's; its memory and descriptors are the model's own, so nothing it does can harm this process.
/// Thread-safe, as a process with threads is.
/// </summary>
public sealed class SoftwareProcess : IDisposable
{
    private readonly SoftwareFileTable _files;
    private int _exited;

    internal SoftwareProcess(SoftwareHost host, string name)
        : this(host, name, new AddressSpace(host.PageSize), new SoftwareFileTable(), new ProcessLimits())
    {
    }

    private SoftwareProcess(SoftwareHost host, string name, AddressSpace memory, SoftwareFileTable files, ProcessLimits limits)
    {
        Host = host;
        Memory = memory;
        Limits = limits;
        _files = files;
        Caller = new Caller(name, memory, files, limits, host.PageSize);
    }

    /// <summary>The host the process runs on.</summary>
    public SoftwareHost Host { get; }

    /// <summary>The process as the host sees it.</summary>
    public Caller Caller { get; }

    /// <summary>Its address space.</summary>
    public AddressSpace Memory { get; }

    /// <summary>Its limits.</summary>
    public ProcessLimits Limits { get; }

    /// <summary>Page size in bytes.</summary>
    public int PageSize => Memory.PageSize;

    /// <summary>Descriptors open, for leak checks.</summary>
    public int OpenDescriptors => _files.OpenCount;

    /// <summary>open; the value is the descriptor.</summary>
    public KernelResult Open(string path, OpenMode mode)
    {
        KernelResult opened = Host.Open(Caller, path, mode, out HostFile? file);
        if (opened.IsError) return opened;
        KernelResult installed = _files.Install(file!);
        if (installed.IsError) file!.Release();
        return installed;
    }

    /// <summary>close.</summary>
    public KernelResult Close(int descriptor) => _files.Close(descriptor);

    /// <summary>dup.</summary>
    public KernelResult Duplicate(int descriptor) => _files.Duplicate(descriptor);

    /// <summary>ioctl with a number or an address in <see cref="Memory"/>.</summary>
    public KernelResult Ioctl(int descriptor, uint request, ulong argument)
    {
        HostFile? file = _files.Acquire(descriptor);
        if (file is null) return NotHost("ioctl", descriptor, Errno.ENOTTY);
        try
        {
            return file.Ioctl(Caller, request, argument);
        }
        finally
        {
            file.Release();
        }
    }

    /// <summary>pread into <see cref="Memory"/>.</summary>
    public KernelResult Read(int descriptor, ulong address, ulong count, ulong offset)
    {
        HostFile? file = _files.Acquire(descriptor);
        if (file is null) return NotHost("pread", descriptor, Errno.ESPIPE);
        try
        {
            return FileTransfer.Check(Memory, "pread", address, count, offset) is { IsError: true } refused ? refused : file.Read(Caller, address, count, offset);
        }
        finally
        {
            file.Release();
        }
    }

    /// <summary>pwrite from <see cref="Memory"/>.</summary>
    public KernelResult Write(int descriptor, ulong address, ulong count, ulong offset)
    {
        HostFile? file = _files.Acquire(descriptor);
        if (file is null) return NotHost("pwrite", descriptor, Errno.ESPIPE);
        try
        {
            return FileTransfer.Check(Memory, "pwrite", address, count, offset) is { IsError: true } refused ? refused : file.Write(Caller, address, count, offset);
        }
        finally
        {
            file.Release();
        }
    }

    /// <summary>mmap of a descriptor; the value is the address.</summary>
    public KernelResult MapFile(int descriptor, ulong offset, ulong length, MemoryProtection protection, bool shared)
    {
        ulong mask = (ulong)PageSize - 1;
        if ((offset & mask) != 0) return KernelResult.Fail(Errno.EINVAL, $"mmap: offset 0x{offset:x} is not aligned to {PageSize}-byte pages");
        object? slot = _files.Slot(descriptor);
        if (slot is null) return KernelResult.Fail(Errno.EBADF, $"mmap: descriptor {descriptor} is not open");
        if (length == 0) return KernelResult.Fail(Errno.EINVAL, "mmap: length is 0");
        ulong size = unchecked(length + mask) & ~mask;
        if (size == 0) return KernelResult.Fail(Errno.ENOMEM, $"mmap: length 0x{length:x} does not fit the address space");

        // mm/mmap.c: do_mmap: the page offset may not wrap.
        if (unchecked((offset / (ulong)PageSize) + (size / (ulong)PageSize)) > ulong.MaxValue / (ulong)PageSize)
        {
            return KernelResult.Fail(Errno.EOVERFLOW, $"mmap: offset 0x{offset:x} plus length 0x{size:x} is beyond the largest file");
        }

        if (slot is MemoryBacking backing) return Memory.MapBacking(backing, offset, size, protection);
        HostFile? file = _files.Acquire(descriptor);
        if (file is null) return KernelResult.Fail(Errno.ENODEV, $"mmap: descriptor {descriptor} is an eventfd, which cannot be mapped");
        try
        {
            KernelResult mapped = file.Map(new MapRequest(offset, size, protection, shared), out IMappedRegion? region);
            return mapped.IsError ? mapped : Memory.MapRegion(region!, file, size, protection);
        }
        finally
        {
            file.Release();
        }
    }

    /// <summary>mmap of anonymous memory; the value is the address.</summary>
    public KernelResult MapAnonymous(ulong length, ulong alignment, MemoryProtection protection, MemoryKind kind) => kind == MemoryKind.Huge && !Host.Platform.HasHugePages
        ? KernelResult.Fail(Errno.ENOENT, $"mmap: the kernel of machine {Host.Platform.Name} has no huge pages")
        : Memory.MapMemory(length, kind == MemoryKind.Huge ? Math.Max(alignment, 2UL << 20) : alignment, protection, kind);

    /// <summary>memfd_create and ftruncate; the value is the descriptor.</summary>
    public KernelResult CreateMemfd(ulong length)
    {
        ulong mask = (ulong)PageSize - 1;
        if (MemoryBacking.TryAllocate((length + mask) & ~mask) is not { } backing) return KernelResult.Fail(Errno.ENOMEM, $"memfd: no memory for 0x{length:x} bytes");
        KernelResult added = _files.Add(backing);
        if (added.IsError) backing.Release();
        return added;
    }

    /// <summary>munmap.</summary>
    public KernelResult Unmap(ulong address, ulong length) => Memory.Unmap(address, length);

    /// <summary>mprotect.</summary>
    public KernelResult Protect(ulong address, ulong length, MemoryProtection protection) => Memory.Protect(address, length, protection);

    /// <summary>A load instruction.</summary>
    public MemoryFault Load(ulong address, int width, out ulong value) => Memory.Load(address, width, out value);

    /// <summary>A store instruction.</summary>
    public MemoryFault Store(ulong address, int width, ulong value) => Memory.Store(address, width, value);

    /// <summary>eventfd, non-blocking; the value is the descriptor.</summary>
    public KernelResult CreateEvent(ulong initial) => _files.Add(new SoftwareEvent(initial));

    /// <summary>read of an eventfd: EAGAIN when its count is zero.</summary>
    public KernelResult ReadEvent(int descriptor, out ulong count)
    {
        count = 0;
        object? slot = _files.Slot(descriptor);
        if (slot is not SoftwareEvent target) return NotAnEvent("read", descriptor, slot);
        return target.TryRead(out count) ? KernelResult.Ok(8) : KernelResult.Fail(Errno.EAGAIN, $"read: eventfd {descriptor} has not been signalled");
    }

    /// <summary>write of an eventfd.</summary>
    public KernelResult WriteEvent(int descriptor, ulong value)
    {
        object? slot = _files.Slot(descriptor);
        if (slot is not SoftwareEvent target) return NotAnEvent("write", descriptor, slot);
        if (value == ulong.MaxValue) return KernelResult.Fail(Errno.EINVAL, $"write: 0x{value:x} cannot be added to an eventfd");
        return target.TryWrite(value) ? KernelResult.Ok(8) : KernelResult.Fail(Errno.EAGAIN, $"write: eventfd {descriptor} has no room for 0x{value:x}");
    }

    /// <summary>poll for POLLIN of an eventfd; -1 waits for ever. A descriptor that is no eventfd counts as ready, as poll has it.</summary>
    public bool PollEvent(int descriptor, int timeoutMilliseconds)
    {
        object? slot = _files.Slot(descriptor);
        if (slot is SoftwareEvent target) return target.Poll(timeoutMilliseconds);
        if (descriptor >= 0) return true;

        // A negative descriptor is ignored: poll just waits.
        if (timeoutMilliseconds > 0) _ = new ManualResetEventSlim().Wait(timeoutMilliseconds);
        return false;
    }

    /// <summary>poll for POLLIN of several eventfds: the position of the first that is ready, or -1 when the time is over.</summary>
    public int PollEvents(ReadOnlySpan<int> descriptors, int timeoutMilliseconds)
    {
        int ready = FindReady(descriptors);
        if (ready >= 0 || timeoutMilliseconds == 0) return ready;
        using var waiter = new SemaphoreSlim(0);
        var watches = new List<IDisposable>(descriptors.Length);
        try
        {
            foreach (int descriptor in descriptors)
                if (_files.Slot(descriptor) is SoftwareEvent target) watches.Add(target.Watch(waiter));
            long deadline = Environment.TickCount64 + timeoutMilliseconds;
            while (true)
            {
                ready = FindReady(descriptors);
                int left = timeoutMilliseconds < 0 ? Timeout.Infinite : (int)Math.Max(0, deadline - Environment.TickCount64);
                if (ready >= 0 || !waiter.Wait(left)) return ready;
            }
        }
        finally
        {
            foreach (IDisposable watch in watches) watch.Dispose();
        }
    }

    /// <summary>fork: another process with a copy of the memory and the same open files.</summary>
    public SoftwareProcess Fork() => new(Host, Caller.Name + " (child)", Memory.Fork(), _files.Fork(), Limits.Fork());

    /// <summary>exit: closes everything, in the kernel's order (memory first, then files).</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _exited, 1) != 0) return;
        Memory.Dispose();
        _files.CloseAll();
        Caller.Exit();
    }

    private int FindReady(ReadOnlySpan<int> descriptors)
    {
        for (int i = 0; i < descriptors.Length; i++)
            if (PollEvent(descriptors[i], 0)) return i;
        return -1;
    }

    private KernelResult NotHost(string call, int descriptor, Errno whenForeign)
    {
        object? slot = _files.Slot(descriptor);
        return slot is null
            ? KernelResult.Fail(Errno.EBADF, $"{call}: descriptor {descriptor} is not open")
            : KernelResult.Fail(whenForeign, $"{call}: descriptor {descriptor} is not a VFIO file");
    }

    private static KernelResult NotAnEvent(string call, int descriptor, object? slot) => slot is null
        ? KernelResult.Fail(Errno.EBADF, $"{call}: descriptor {descriptor} is not open")
        : KernelResult.Fail(Errno.EINVAL, $"{call}: descriptor {descriptor} is not an eventfd");
}
