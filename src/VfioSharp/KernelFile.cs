// SPDX-License-Identifier: MIT
using System.Runtime.ConstrainedExecution;
using System.Runtime.InteropServices;
using VfioSharp.Kernel;

namespace VfioSharp;

/// <summary>
/// A counted descriptor. Whoever uses it holds a reference, and a file holds one of its parent (device → group →
/// container), so that descriptors close child first whatever order the objects are disposed in.
/// The finalizer is a net for forgotten objects only.
/// </summary>
internal sealed class KernelFile : CriticalFinalizerObject
{
    private readonly int _descriptor;
    private readonly bool _closes;
    private int _references = 1;
    private int _closed;
    private KernelFile? _parent;

    /// <param name="kernel">Who gave the descriptor.</param>
    /// <param name="descriptor">The descriptor; this object closes it.</param>
    /// <param name="description">What is open, for messages.</param>
    /// <param name="parent">What must stay open as long as this does; one reference of it passes to this object.</param>
    /// <param name="closes">False: the descriptor stays somebody else's to close.</param>
    internal KernelFile(IVfioKernel kernel, int descriptor, string description, KernelFile? parent = null, bool closes = true)
    {
        Kernel = kernel;
        Description = description;
        _descriptor = descriptor;
        _closes = closes;
        _parent = parent;
    }

    ~KernelFile() => Close();

    internal IVfioKernel Kernel { get; }

    internal string Description { get; }

    /// <summary>The number, for the ABI's structs. Meaningful only while a reference is held.</summary>
    internal int Descriptor => _descriptor;

    /// <summary>Takes a reference; false when the file is closed already.</summary>
    internal bool TryAcquire()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int was = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (was == seen) return true;
            seen = was;
        }

        return false;
    }

    /// <summary>Takes a reference or throws.</summary>
    internal void Acquire() => ObjectDisposedException.ThrowIf(!TryAcquire(), this);

    /// <summary>Gives a reference back; the last one closes the descriptor, then releases the parent.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0) Close();
    }

    /// <summary>Exchanges the parent; the caller owns the reference of the one returned.</summary>
    internal KernelFile? ExchangeParent(KernelFile? parent) => Interlocked.Exchange(ref _parent, parent);

    internal KernelResult Ioctl(uint request, ulong argument)
    {
        Acquire();
        try
        {
            return Kernel.Ioctl(_descriptor, request, argument);
        }
        finally
        {
            Release();
        }
    }

    internal KernelResult Ioctl(uint request, Span<byte> argument)
    {
        Acquire();
        try
        {
            return Kernel.Ioctl(_descriptor, request, argument);
        }
        finally
        {
            Release();
        }
    }

    internal KernelResult Ioctl<T>(uint request, ref T argument)
        where T : unmanaged =>
        Ioctl(request, MemoryMarshal.AsBytes(new Span<T>(ref argument)));

    internal KernelResult Read(Span<byte> buffer, ulong offset)
    {
        Acquire();
        try
        {
            return Kernel.Read(_descriptor, buffer, offset);
        }
        finally
        {
            Release();
        }
    }

    internal KernelResult Write(ReadOnlySpan<byte> buffer, ulong offset)
    {
        Acquire();
        try
        {
            return Kernel.Write(_descriptor, buffer, offset);
        }
        finally
        {
            Release();
        }
    }

    internal KernelResult Map(ulong offset, ulong length, MemoryProtection protection, out VfioMapping? mapping)
    {
        Acquire();
        try
        {
            return Kernel.Map(_descriptor, offset, length, protection, out mapping);
        }
        finally
        {
            Release();
        }
    }

    public override string ToString() => Description;

    private void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        if (_closes) Kernel.Close(_descriptor);
        ExchangeParent(null)?.Release();
    }
}
