// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp;

/// <summary>Memory mapped for DMA in a container. Disposing unmaps it.</summary>
/// <remarks>
/// Keeps its container open and its memory alive. Any thread may dispose it; once is enough. Nobody else may
/// unmap or remap its range meanwhile: disposing would unmap what is there then.
/// </remarks>
public sealed class DmaMapping : IDisposable
{
    private readonly KernelFile _container;
    private int _unmapped;

    internal DmaMapping(KernelFile container, Iova iova, ulong size, DmaAccess access, VfioMapping? memory)
    {
        _container = container;
        Iova = iova;
        Size = size;
        Access = access;
        Memory = memory;
    }

    /// <summary>Where the device sees the memory.</summary>
    public Iova Iova { get; }

    /// <summary>Size in bytes.</summary>
    public ulong Size { get; }

    /// <summary>What the device may do with it.</summary>
    public DmaAccess Access { get; }

    /// <summary>The memory, when it was given as a mapping. It is not disposed with this object.</summary>
    public VfioMapping? Memory { get; }

    /// <summary>Unmaps now. Afterwards the device's accesses fault.</summary>
    /// <returns>Bytes unmapped: less than <see cref="Size"/> when the range was unmapped by other means.</returns>
    /// <exception cref="VfioException">EINVAL: the container has lost its IOMMU, for its last group has left.</exception>
    /// <exception cref="ObjectDisposedException">It was unmapped already.</exception>
    public ulong Unmap()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Exchange(ref _unmapped, 1) != 0, this);
        try
        {
            KernelResult result = Type1Calls.Unmap(_container, Iova, Size, out ulong unmapped);
            VfioException.ThrowIfError(result, Refusals.UnmapDma, _container);
            return unmapped;
        }
        finally
        {
            _container.Release();
        }
    }

    /// <summary>Unmaps, unless that was done. A refusal is not reported: then the kernel has unmapped it already.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _unmapped, 1) != 0) return;
        Type1Calls.Unmap(_container, Iova, Size, out _);
        _container.Release();
    }

    /// <summary>IOVA, size and access.</summary>
    public override string ToString() => $"iova {Iova}, 0x{Size:x} bytes, {Access}";
}
