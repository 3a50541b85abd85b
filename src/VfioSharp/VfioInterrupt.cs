// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp;

/// <summary>An interrupt index of a device, enabled: each vector signals an eventfd of its own.</summary>
/// <remarks>
/// Members may be called from any thread, also while another one waits. Waiting, masking and unmasking allocate
/// nothing. Disposing disables the index; it does not wake a thread that waits. The interrupt keeps its device open.
/// </remarks>
public sealed class VfioInterrupt : IDisposable
{
    private readonly KernelFile _device;
    private readonly KernelFile[] _events;
    private int _disposed;

    private VfioInterrupt(KernelFile device, uint index, KernelFile[] events)
    {
        _device = device;
        _events = events;
        Index = index;
    }

    /// <summary>Which index: <c>VfioPciIrqIndex.Intx</c> and so on.</summary>
    public uint Index { get; }

    /// <summary>How many vectors are enabled.</summary>
    public int Vectors => _events.Length;

    /// <summary>Waits for vector 0.</summary>
    /// <param name="timeout">How long; <see cref="Timeout.InfiniteTimeSpan"/> is for ever.</param>
    /// <returns>False when the time is over.</returns>
    /// <exception cref="VfioException">The kernel refused.</exception>
    public bool Wait(TimeSpan timeout) => Wait(0, timeout, out _);

    /// <summary>Waits for a vector.</summary>
    /// <param name="vector">Which, from 0.</param>
    /// <param name="timeout">How long; <see cref="Timeout.InfiniteTimeSpan"/> is for ever.</param>
    /// <param name="count">How often it fired since the last wait.</param>
    /// <returns>False when the time is over.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vector, or the time is negative.</exception>
    /// <exception cref="VfioException">The kernel refused.</exception>
    public bool Wait(int vector, TimeSpan timeout, out ulong count)
    {
        CheckVector(vector);
        KernelFile file = _events[vector];
        file.Acquire();
        try
        {
            KernelResult result = file.Kernel.WaitEvent(file.Descriptor, ToMilliseconds(timeout), out count);
            if (result.Errno == Errno.ETIMEDOUT) return false;
            VfioException.ThrowIfError(result, Refusals.WaitEvent, file);
            return true;
        }
        finally
        {
            file.Release();
        }
    }

    /// <summary>Masks a vector: it does not fire until it is unmasked.</summary>
    /// <exception cref="VfioException">ENOTTY: this index cannot be masked.</exception>
    public void Mask(int vector = 0) => Act(VfioIrqSetFlags.ActionMask, vector);

    /// <summary>Unmasks a vector. INTx masks itself each time it fires: unmask it when the device was served.</summary>
    /// <exception cref="VfioException">ENOTTY: this index cannot be unmasked.</exception>
    public void Unmask(int vector = 0) => Act(VfioIrqSetFlags.ActionUnmask, vector);

    /// <summary>Signals a vector's eventfd without the device: to try out the way from there on.</summary>
    /// <exception cref="VfioException">The kernel refused.</exception>
    public void Trigger(int vector = 0) => Act(VfioIrqSetFlags.ActionTrigger, vector);

    /// <summary>Disables the index and closes its eventfds.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        InterruptCalls.Act(_device, Index, VfioIrqSetFlags.ActionTrigger, 0, 0);
        foreach (KernelFile file in _events) file.Release();
        _device.Release();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{_device.Description} interrupt {Index}";

    /// <summary>Makes an eventfd a vector and gives them to the kernel (SET_IRQS, DATA_EVENTFD | ACTION_TRIGGER).</summary>
    internal static VfioInterrupt Enable(KernelFile device, uint index, int vectors)
    {
        device.Acquire();
        var events = new List<KernelFile>(vectors);
        try
        {
            for (int vector = 0; vector < vectors; vector++)
            {
                KernelResult made = device.Kernel.CreateEvent();
                string name = $"eventfd of {device.Description} interrupt {index} vector {vector}";
                if (made.IsError) VfioException.Throw(made, Refusals.CreateEvent, name);
                events.Add(new KernelFile(device.Kernel, (int)made.Value, name));
            }

            KernelResult set = SetEvents(device, index, events);
            if (set.IsError) VfioException.Throw(set, Refusals.SetIrqs, $"{device.Description} interrupt {index}, {vectors} vectors");
            return new VfioInterrupt(device, index, [.. events]);
        }
        catch
        {
            foreach (KernelFile file in events) file.Release();
            device.Release();
            throw;
        }
    }

    private static KernelResult SetEvents(KernelFile device, uint index, List<KernelFile> events)
    {
        int[] descriptors = [.. events.Select(file => file.Descriptor)];
        return InterruptCalls.SetEvents(device, index, VfioIrqSetFlags.ActionTrigger, 0, descriptors);
    }

    private void Act(uint action, int vector)
    {
        CheckVector(vector);
        KernelResult result = InterruptCalls.Act(_device, Index, action, (uint)vector, 1);
        if (result.IsError) VfioException.Throw(result, Refusals.SetIrqs, $"{this} vector {vector}");
    }

    private void CheckVector(int vector)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        ArgumentOutOfRangeException.ThrowIfNegative(vector);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(vector, _events.Length);
    }

    private static int ToMilliseconds(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan) return Timeout.Infinite;
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);

        // Rounded up: a wait is never shorter than asked.
        return (int)Math.Min(Math.Ceiling(timeout.TotalMilliseconds), int.MaxValue);
    }
}
