// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp;

/// <summary>An eventfd, to be given to a device's vectors by <see cref="VfioDevice.SetTriggers"/> and the like.</summary>
/// <remarks>Members may be called from any thread. Signalling and taking allocate nothing.</remarks>
public sealed class VfioEvent : IDisposable
{
    private readonly KernelFile _file;
    private int _disposed;

    private VfioEvent(KernelFile file) => _file = file;

    /// <summary>The descriptor, for the ABI's structs; it stays this object's.</summary>
    public int Descriptor => _file.Descriptor;

    /// <summary>The kernel it is of.</summary>
    public IVfioKernel Kernel => _file.Kernel;

    /// <summary>A new one.</summary>
    /// <param name="kernel">Whose.</param>
    /// <param name="description">What it is for, for messages.</param>
    /// <exception cref="VfioException">EMFILE: there are no descriptors left.</exception>
    public static VfioEvent Create(IVfioKernel kernel, string description)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        KernelResult made = kernel.CreateEvent();
        if (made.IsError) VfioException.Throw(made, Refusals.CreateEvent, description);
        return new VfioEvent(new KernelFile(kernel, (int)made.Value, description));
    }

    /// <summary>Adds one to its count.</summary>
    /// <exception cref="VfioException">The kernel refused.</exception>
    public void Signal()
    {
        KernelResult result = Kernel.SignalEvent(Descriptor, 1);
        VfioException.ThrowIfError(result, Refusals.WaitEvent, _file);
    }

    /// <summary>Takes its count; false when it was not signalled within <paramref name="timeoutMilliseconds"/> (-1: for ever).</summary>
    /// <exception cref="VfioException">The kernel refused.</exception>
    public bool TryTake(int timeoutMilliseconds, out ulong count)
    {
        KernelResult result = Kernel.WaitEvent(Descriptor, timeoutMilliseconds, out count);
        if (result.Errno == Errno.ETIMEDOUT) return false;
        VfioException.ThrowIfError(result, Refusals.WaitEvent, _file);
        return true;
    }

    /// <summary>Closes it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _file.Release();
    }

    /// <inheritdoc/>
    public override string ToString() => _file.Description;
}
