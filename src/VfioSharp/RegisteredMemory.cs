// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp;

/// <summary>Memory pinned for mapping in sPAPR TCE v2 containers. Disposing unregisters it: unmap what is mapped first.</summary>
/// <remarks>Keeps its container open and its memory alive. Any thread may dispose it; once is enough.</remarks>
public sealed class RegisteredMemory : IDisposable
{
    private readonly KernelFile _container;
    private int _unregistered;

    internal RegisteredMemory(KernelFile container, ulong address, ulong size, VfioMapping? memory)
    {
        _container = container;
        Address = address;
        Size = size;
        Memory = memory;
    }

    /// <summary>Its address in this process.</summary>
    public ulong Address { get; }

    /// <summary>Size in bytes.</summary>
    public ulong Size { get; }

    /// <summary>The memory, when it was given as a mapping. It is not disposed with this object.</summary>
    public VfioMapping? Memory { get; }

    /// <summary>Unregisters now.</summary>
    /// <exception cref="VfioException">EBUSY: entries of windows point into it. ENOENT: it is not registered here.</exception>
    /// <exception cref="ObjectDisposedException">It was unregistered already.</exception>
    public void Unregister()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Exchange(ref _unregistered, 1) != 0, this);
        try
        {
            VfioException.ThrowIfError(SpaprCalls.Unregister(_container, Address, Size), Refusals.UnregisterMemory, _container);
        }
        finally
        {
            _container.Release();
        }
    }

    /// <summary>Unregisters, unless that was done. A refusal is not reported: the end of the container unregisters it then.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _unregistered, 1) != 0) return;
        SpaprCalls.Unregister(_container, Address, Size);
        _container.Release();
    }

    /// <summary>Address and size.</summary>
    public override string ToString() => $"address 0x{Address:x}, 0x{Size:x} bytes";
}
