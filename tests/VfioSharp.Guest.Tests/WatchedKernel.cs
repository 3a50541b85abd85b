// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests;

/// <summary>May answer an ioctl instead of the kernel; null: the kernel answers.</summary>
internal delegate KernelResult? IoctlAnswer(uint request, ReadOnlySpan<byte> argument);

/// <summary>May change what the kernel answered.</summary>
internal delegate void IoctlChange(uint request, Span<byte> argument);

/// <summary>A kernel of which a test sees, and may answer, the calls.</summary>
internal sealed class WatchedKernel(IVfioKernel inner) : IVfioKernel
{
    private readonly HashSet<int> _open = [];

    public List<uint> Requests { get; } = [];

    public List<string> Opened { get; } = [];

    /// <summary>Descriptors that are open.</summary>
    public IReadOnlyCollection<int> OpenDescriptors => _open;

    /// <summary>As if the IOMMU were off: devices have no group in sysfs.</summary>
    public bool HidesGroups { get; set; }

    public IoctlAnswer? Answer { get; set; }

    public IoctlChange? Change { get; set; }

    public string Name => inner.Name;

    public int PageSize => inner.PageSize;

    public int Count(uint request) => Requests.Count(asked => asked == request);

    public KernelResult Open(string path, OpenMode mode)
    {
        KernelResult result = inner.Open(path, mode);
        if (result.IsSuccess)
        {
            Opened.Add(path);
            _open.Add((int)result.Value);
        }

        return result;
    }

    public KernelResult Close(int descriptor)
    {
        _open.Remove(descriptor);
        return inner.Close(descriptor);
    }

    public KernelResult Ioctl(int descriptor, uint request, ulong argument)
    {
        Requests.Add(request);
        return Answer?.Invoke(request, BitConverter.GetBytes(argument)) ?? inner.Ioctl(descriptor, request, argument);
    }

    public KernelResult Ioctl(int descriptor, uint request, Span<byte> argument)
    {
        Requests.Add(request);
        KernelResult result = Answer?.Invoke(request, argument) ?? inner.Ioctl(descriptor, request, argument);
        if (result.IsSuccess && request == Abi.Vfio.VfioIoctl.GroupGetDeviceFd) _open.Add((int)result.Value);
        if (result.IsSuccess) Change?.Invoke(request, argument);
        return result;
    }

    public KernelResult Read(int descriptor, Span<byte> buffer, ulong offset) => inner.Read(descriptor, buffer, offset);

    public KernelResult Write(int descriptor, ReadOnlySpan<byte> buffer, ulong offset) => inner.Write(descriptor, buffer, offset);

    public KernelResult Map(int descriptor, ulong offset, ulong length, MemoryProtection protection, out VfioMapping? mapping) =>
        inner.Map(descriptor, offset, length, protection, out mapping);

    public KernelResult AllocateMemory(ulong length, out VfioMapping? memory) => inner.AllocateMemory(length, out memory);

    public KernelResult CreateEvent()
    {
        KernelResult result = inner.CreateEvent();
        if (result.IsSuccess) _open.Add((int)result.Value);
        return result;
    }

    public KernelResult WaitEvent(int descriptor, int timeoutMilliseconds, out ulong count) =>
        inner.WaitEvent(descriptor, timeoutMilliseconds, out count);

    public KernelResult WaitAnyEvent(ReadOnlySpan<int> descriptors, int timeoutMilliseconds) =>
        inner.WaitAnyEvent(descriptors, timeoutMilliseconds);

    public KernelResult SignalEvent(int descriptor, ulong count) => inner.SignalEvent(descriptor, count);

    public KernelResult ReadLink(string path, out string? target)
    {
        target = null;
        return HidesGroups && path.EndsWith("/iommu_group", StringComparison.Ordinal)
            ? KernelResult.FailSilently(Errno.ENOENT) : inner.ReadLink(path, out target);
    }

    public KernelResult ReadText(string path, out string? text) => inner.ReadText(path, out text);

    public KernelResult WriteText(string path, string text) => inner.WriteText(path, text);

    public KernelResult ListNames(string path, out IReadOnlyList<string>? names) => inner.ListNames(path, out names);

    public void Dispose() => inner.Dispose();
}
