// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Cli.Tests.Demo;

/// <summary>A kernel like another one, but for what a test changes.</summary>
internal sealed class ChangedKernel(IVfioKernel inner) : IVfioKernel
{
    /// <summary>An IOVA at which MAP_DMA is agreed to without being done.</summary>
    public ulong? AgreesToMapAt { get; init; }

    /// <summary>Whether sysfs shows no devices.</summary>
    public bool HasNoDevices { get; init; }

    /// <summary>Whether eventfds are never signalled.</summary>
    public bool LosesInterrupts { get; init; }

    public string Name => inner.Name;

    public int PageSize => inner.PageSize;

    public KernelResult Open(string path, OpenMode mode) => inner.Open(path, mode);

    public KernelResult Close(int descriptor) => inner.Close(descriptor);

    public KernelResult Ioctl(int descriptor, uint request, ulong argument) => inner.Ioctl(descriptor, request, argument);

    public KernelResult Ioctl(int descriptor, uint request, Span<byte> argument) =>
        request == VfioIoctl.IommuMapDma && argument.Length == 32 && BinaryPrimitives.ReadUInt64LittleEndian(argument[16..]) == AgreesToMapAt
            ? KernelResult.Success
            : inner.Ioctl(descriptor, request, argument);

    public KernelResult Read(int descriptor, Span<byte> buffer, ulong offset) => inner.Read(descriptor, buffer, offset);

    public KernelResult Write(int descriptor, ReadOnlySpan<byte> buffer, ulong offset) => inner.Write(descriptor, buffer, offset);

    public KernelResult Map(int descriptor, ulong offset, ulong length, MemoryProtection protection, out VfioMapping? mapping) =>
        inner.Map(descriptor, offset, length, protection, out mapping);

    public KernelResult AllocateMemory(ulong length, out VfioMapping? memory) => inner.AllocateMemory(length, out memory);

    public KernelResult CreateEvent() => inner.CreateEvent();

    public KernelResult WaitEvent(int descriptor, int timeoutMilliseconds, out ulong count)
    {
        count = 0;
        return LosesInterrupts ? KernelResult.FailSilently(Errno.ETIMEDOUT) : inner.WaitEvent(descriptor, timeoutMilliseconds, out count);
    }

    public KernelResult WaitAnyEvent(ReadOnlySpan<int> descriptors, int timeoutMilliseconds) =>
        LosesInterrupts ? KernelResult.FailSilently(Errno.ETIMEDOUT) : inner.WaitAnyEvent(descriptors, timeoutMilliseconds);

    public KernelResult SignalEvent(int descriptor, ulong count) => inner.SignalEvent(descriptor, count);

    public KernelResult ReadLink(string path, out string? target) => inner.ReadLink(path, out target);

    public KernelResult ReadText(string path, out string? text) => inner.ReadText(path, out text);

    public KernelResult WriteText(string path, string text) => inner.WriteText(path, text);

    public KernelResult ListNames(string path, out IReadOnlyList<string>? names)
    {
        names = [];
        return HasNoDevices ? KernelResult.Success : inner.ListNames(path, out names);
    }

    public void Dispose() => inner.Dispose();
}
