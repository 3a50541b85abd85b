// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp;

/// <summary>A device opened through its group: its regions, interrupts and reset.</summary>
/// <remarks>
/// Members may be called from any thread. The device stays open until this object, its regions and its interrupts
/// are disposed; while it is open it keeps its group and the group's container open.
/// </remarks>
public sealed partial class VfioDevice : IDisposable
{
    private readonly KernelFile _file;
    private readonly uint _flags;
    private int _disposed;

    private VfioDevice(KernelFile file, PciAddress address, in VfioDeviceInfo info)
    {
        _file = file;
        _flags = info.Flags;
        Address = address;
        RegionCount = info.NumRegions;
        InterruptCount = info.NumIrqs;
        Config = new VfioConfigSpace(VfioRegion.Open(file, VfioPciRegionIndex.Config, map: false));
    }

    /// <summary>Where the device is.</summary>
    public PciAddress Address { get; }

    /// <summary>How many region indexes there are; those the device does not have are of size 0.</summary>
    public uint RegionCount { get; }

    /// <summary>How many interrupt indexes there are; those the device does not have are of count 0.</summary>
    public uint InterruptCount { get; }

    /// <summary>Whether <see cref="Reset"/> can work.</summary>
    public bool CanReset => (_flags & VfioDeviceFlags.Reset) != 0;

    /// <summary>The device's configuration space, as the kernel lets a user see it.</summary>
    public VfioConfigSpace Config { get; }

    /// <summary>A region, accessed by pread and pwrite. The caller disposes it.</summary>
    /// <param name="index">Which: <c>VfioPciRegionIndex.Bar0</c> and so on.</param>
    /// <exception cref="VfioException">EINVAL: there is no such index.</exception>
    public VfioRegion OpenRegion(uint index)
    {
        ThrowIfDisposed();
        return VfioRegion.Open(_file, index, map: false);
    }

    /// <summary>A region, mapped as far as it can be. The caller disposes it.</summary>
    /// <param name="index">Which: <c>VfioPciRegionIndex.Bar0</c> and so on.</param>
    /// <exception cref="VfioException">EINVAL: there is no such index, or the kernel does not map it.</exception>
    public VfioRegion MapRegion(uint index)
    {
        ThrowIfDisposed();
        return VfioRegion.Open(_file, index, map: true);
    }

    /// <summary>DEVICE_GET_IRQ_INFO.</summary>
    /// <param name="index">Which: <c>VfioPciIrqIndex.Intx</c> and so on.</param>
    /// <exception cref="VfioException">EINVAL: the device has no such index.</exception>
    public InterruptInfo GetInterruptInfo(uint index)
    {
        ThrowIfDisposed();
        KernelResult result = InterruptCalls.GetInfo(_file, index, out InterruptInfo info);
        if (result.IsError) VfioException.Throw(result, Refusals.GetIrqInfo, $"{_file.Description} interrupt {index}");
        return info;
    }

    /// <summary>DEVICE_SET_IRQS: enables vectors 0 to <paramref name="vectors"/> - 1 of an index, each with an eventfd.</summary>
    /// <param name="index">Which: <c>VfioPciIrqIndex.Intx</c> and so on.</param>
    /// <param name="vectors">How many; INTx has one.</param>
    /// <exception cref="VfioException">
    /// EINVAL: no such index, not that many vectors, or another of INTx, MSI, MSI-X is enabled. EBUSY: the line cannot be had.
    /// </exception>
    public VfioInterrupt EnableInterrupt(uint index, int vectors = 1)
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfLessThan(vectors, 1);
        return VfioInterrupt.Enable(_file, index, vectors);
    }

    /// <summary>DEVICE_RESET. The device's registers go back; what the kernel keeps of configuration space stays.</summary>
    /// <exception cref="VfioException">EINVAL: this device cannot be reset alone (see <see cref="CanReset"/>).</exception>
    public void Reset()
    {
        ThrowIfDisposed();
        VfioException.ThrowIfError(_file.Ioctl(VfioIoctl.DeviceReset, 0), Refusals.Reset, _file);
    }

    /// <summary>Lets go of the device; it closes when its regions and interrupts are disposed too.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        Config.Region.Dispose();
        _file.Release();
    }

    /// <inheritdoc/>
    public override string ToString() => _file.Description;

    /// <summary>Takes over <paramref name="file"/> and asks what the device is (DEVICE_GET_INFO).</summary>
    internal static VfioDevice Create(KernelFile file, PciAddress address)
    {
        try
        {
            var info = new VfioDeviceInfo { Argsz = (uint)Unsafe.SizeOf<VfioDeviceInfo>() };
            VfioException.ThrowIfError(file.Ioctl(VfioIoctl.DeviceGetInfo, ref info), Refusals.DeviceGetInfo, file);
            return new VfioDevice(file, address, info);
        }
        catch
        {
            file.Release();
            throw;
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
}
