// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host;

/// <summary>
/// The software host behind the seam, for drivers in this process: a modelled process of its own. Refusals carry
/// their reason. Works wherever .NET runs. Thread-safe.
/// </summary>
public sealed class SoftwareKernel : IVfioKernel
{
    // An ioctl's argument is copied here, into the modelled process, and back: one page a thread that calls.
    private readonly ThreadLocal<ulong> _scratch;
    private readonly SoftwareProcess _process;
    private readonly bool _ownsProcess;

    /// <summary>A new process on a host.</summary>
    /// <param name="host">The machine; it stays the caller's.</param>
    /// <param name="name">What the process is called in messages.</param>
    public SoftwareKernel(SoftwareHost host, string name = "in-process")
        : this((host ?? throw new ArgumentNullException(nameof(host))).CreateProcess(name), ownsProcess: true)
    {
    }

    /// <summary>A process that the caller keeps.</summary>
    public SoftwareKernel(SoftwareProcess process)
        : this(process, ownsProcess: false)
    {
    }

    private SoftwareKernel(SoftwareProcess process, bool ownsProcess)
    {
        _process = process;
        _ownsProcess = ownsProcess;
        _scratch = new ThreadLocal<ulong>(MapScratch);
    }

    /// <inheritdoc/>
    public string Name => "software host " + _process.Host.Platform.Name;

    /// <inheritdoc/>
    public int PageSize => _process.PageSize;

    /// <summary>The modelled process whose calls these are.</summary>
    public SoftwareProcess Process => _process;

    /// <inheritdoc/>
    public KernelResult Open(string path, OpenMode mode) => _process.Open(path, mode);

    /// <inheritdoc/>
    public KernelResult Close(int descriptor) => _process.Close(descriptor);

    /// <inheritdoc/>
    public KernelResult Ioctl(int descriptor, uint request, ulong argument) => _process.Ioctl(descriptor, request, argument);

    /// <inheritdoc/>
    public KernelResult Ioctl(int descriptor, uint request, Span<byte> argument)
    {
        using Staging staging = Stage(argument.Length);
        _process.Memory.TryWrite(staging.Address, argument);
        KernelResult result = _process.Ioctl(descriptor, request, staging.Address);
        _process.Memory.TryRead(staging.Address, argument);
        return result;
    }

    /// <inheritdoc/>
    public KernelResult Read(int descriptor, Span<byte> buffer, ulong offset)
    {
        using Staging staging = Stage(buffer.Length);
        KernelResult result = _process.Read(descriptor, staging.Address, (ulong)buffer.Length, offset);
        if (result.IsSuccess) _process.Memory.TryRead(staging.Address, buffer[..(int)result.Value]);
        return result;
    }

    /// <inheritdoc/>
    public KernelResult Write(int descriptor, ReadOnlySpan<byte> buffer, ulong offset)
    {
        using Staging staging = Stage(buffer.Length);
        _process.Memory.TryWrite(staging.Address, buffer);
        return _process.Write(descriptor, staging.Address, (ulong)buffer.Length, offset);
    }

    /// <inheritdoc/>
    public KernelResult Map(int descriptor, ulong offset, ulong length, MemoryProtection protection, out VfioMapping? mapping) =>
        Wrap(_process.MapFile(descriptor, offset, length, protection, shared: true), length, out mapping);

    /// <inheritdoc/>
    public KernelResult AllocateMemory(ulong length, out VfioMapping? memory) =>
        Wrap(_process.MapAnonymous(length, (ulong)PageSize, MemoryProtection.ReadWrite, MemoryKind.Private), length, out memory);

    /// <inheritdoc/>
    public KernelResult CreateEvent() => _process.CreateEvent(0);

    /// <inheritdoc/>
    public KernelResult WaitEvent(int descriptor, int timeoutMilliseconds, out ulong count)
    {
        while (true)
        {
            count = 0;
            if (!_process.PollEvent(descriptor, timeoutMilliseconds)) return KernelResult.Fail(Errno.ETIMEDOUT, $"eventfd {descriptor} was not signalled within {timeoutMilliseconds} ms");
            KernelResult read = _process.ReadEvent(descriptor, out count);
            if (read.Errno != Errno.EAGAIN) return read.IsError ? read : KernelResult.Success;
        }
    }

    /// <inheritdoc/>
    public KernelResult WaitAnyEvent(ReadOnlySpan<int> descriptors, int timeoutMilliseconds)
    {
        int ready = _process.PollEvents(descriptors, timeoutMilliseconds);
        return ready >= 0
            ? KernelResult.Ok(ready)
            : KernelResult.Fail(Errno.ETIMEDOUT, $"none of {descriptors.Length} eventfds was signalled within {timeoutMilliseconds} ms");
    }

    /// <inheritdoc/>
    public KernelResult SignalEvent(int descriptor, ulong count)
    {
        KernelResult written = _process.WriteEvent(descriptor, count);
        return written.IsError ? written : KernelResult.Success;
    }

    /// <inheritdoc/>
    public KernelResult ReadLink(string path, out string? target) => _process.Host.Sysfs.ReadLink(path, out target);

    /// <inheritdoc/>
    public KernelResult ReadText(string path, out string? text) => _process.Host.Sysfs.ReadText(path, out text);

    /// <inheritdoc/>
    public KernelResult WriteText(string path, string text) => _process.Host.Sysfs.WriteText(path, text);

    /// <inheritdoc/>
    public KernelResult ListNames(string path, out IReadOnlyList<string>? names)
    {
        if (path.TrimEnd('/') != "/dev/vfio") return _process.Host.Sysfs.ListNames(path, out names);
        names = _process.Host.NodeNames();
        return KernelResult.Ok(names.Count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsProcess) _process.Dispose();
        _scratch.Dispose();
    }

    private KernelResult Wrap(KernelResult mapped, ulong length, out VfioMapping? mapping)
    {
        mapping = mapped.IsError ? null : new ProcessMapping(_process.Memory, (ulong)mapped.Value, length);
        return mapped.IsError ? mapped : KernelResult.Success;
    }

    private ulong MapScratch() => (ulong)_process.MapAnonymous((ulong)PageSize, (ulong)PageSize, MemoryProtection.ReadWrite, MemoryKind.Private).Value;

    private Staging Stage(int length) => length <= PageSize
        ? new Staging(null, _scratch.Value, 0)
        : new Staging(_process, (ulong)_process.MapAnonymous((ulong)length, (ulong)PageSize, MemoryProtection.ReadWrite, MemoryKind.Private).Value, (ulong)length);

    // Where an argument stands in the modelled process during a call; a large one gets memory of its own.
    private readonly ref struct Staging(SoftwareProcess? owner, ulong address, ulong length) : IDisposable
    {
        public ulong Address { get; } = address;

        public void Dispose() => owner?.Unmap(Address, length);
    }

    private sealed class ProcessMapping(AddressSpace memory, ulong address, ulong length) : VfioMapping
    {
        private int _ended;

        public override ulong Address => address;

        public override ulong Length => length;

        public override MemoryFault Load(ulong offset, int width, out ulong value)
        {
            value = 0;
            return IsInside(offset, (ulong)width) ? memory.Load(address + offset, width, out value) : MemoryFault.Segmentation;
        }

        public override MemoryFault Store(ulong offset, int width, ulong value) =>
            IsInside(offset, (ulong)width) ? memory.Store(address + offset, width, value) : MemoryFault.Segmentation;

        public override MemoryFault Read(ulong offset, Span<byte> destination) =>
            IsInside(offset, (ulong)destination.Length) && memory.TryRead(address + offset, destination) ? MemoryFault.None : MemoryFault.Segmentation;

        public override MemoryFault Write(ulong offset, ReadOnlySpan<byte> source) =>
            IsInside(offset, (ulong)source.Length) && memory.TryWrite(address + offset, source) ? MemoryFault.None : MemoryFault.Segmentation;

        protected override void Dispose(bool disposing)
        {
            // A mapping that is only forgotten ends with its process, as in a kernel.
            if (disposing && Interlocked.Exchange(ref _ended, 1) == 0) memory.Unmap(address, length);
        }

        private bool IsInside(ulong offset, ulong count) => offset <= length && count <= length - offset;
    }
}
