// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp;

/// <summary>A DMA window made by <see cref="SpaprIommu.CreateWindow"/>. Disposing removes it and all that is mapped in it.</summary>
/// <remarks>Keeps its container open. Any thread may dispose it; once is enough.</remarks>
public sealed class DmaWindow : IDisposable
{
    private readonly KernelFile _container;
    private int _removed;

    internal DmaWindow(KernelFile container, Iova start, ulong pageSize, ulong size, uint levels)
    {
        _container = container;
        Start = start;
        PageSize = pageSize;
        Size = size;
        Levels = levels;
    }

    /// <summary>First address.</summary>
    public Iova Start { get; }

    /// <summary>Bytes of its pages: what IOVAs, addresses and sizes of mappings are multiples of.</summary>
    public ulong PageSize { get; }

    /// <summary>Size in bytes.</summary>
    public ulong Size { get; }

    /// <summary>Levels of its table.</summary>
    public uint Levels { get; }

    /// <summary>SPAPR_TCE_REMOVE now.</summary>
    /// <exception cref="VfioException">EINVAL: the window was removed by other means.</exception>
    /// <exception cref="ObjectDisposedException">It was removed already.</exception>
    public void Remove()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Exchange(ref _removed, 1) != 0, this);
        try
        {
            VfioException.ThrowIfError(SpaprCalls.RemoveWindow(_container, Start), Refusals.RemoveWindow, _container);
        }
        finally
        {
            _container.Release();
        }
    }

    /// <summary>Removes the window, unless that was done. A refusal is not reported: then it is gone already.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _removed, 1) != 0) return;
        SpaprCalls.RemoveWindow(_container, Start);
        _container.Release();
    }

    /// <summary>Place and pages.</summary>
    public override string ToString() => $"{Start}+0x{Size:x} in pages of 0x{PageSize:x}";
}
