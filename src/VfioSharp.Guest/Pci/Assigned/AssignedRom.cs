// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>
/// The expansion ROM as the guest sees it: a file's, or the device's own, read when the guest first looks at it, for
/// reading it disturbs some devices (hw/vfio/pci.c: vfio_pci_load_rom).
/// </summary>
internal sealed class AssignedRom : IMmioHandler
{
    private readonly AssignedPciDevice _device;
    private readonly byte[] _bytes;
    private VfioRegion? _unread;

    private AssignedRom(AssignedPciDevice device, MemoryTopology topology, byte[] bytes, VfioRegion? unread)
    {
        _device = device;
        _bytes = bytes;
        _unread = unread;
        Region = new MmioRegion(topology, $"{device.Id} ROM", (ulong)bytes.Length, this);
    }

    internal MmioRegion Region { get; }

    /// <summary>The ROM that the options ask for; null: none, or the device has none.</summary>
    /// <exception cref="DeviceAssignmentException">The file cannot be read.</exception>
    internal static AssignedRom? Create(AssignedPciDevice device, VfioDevice host, AssignedDeviceOptions options, MemoryTopology topology)
    {
        if (!options.HasRom || options.RomFile is "") return null;
        if (options.RomFile is { } path) return new AssignedRom(device, topology, ReadFile(path), null);
        VfioRegion region = host.OpenRegion(VfioPciRegionIndex.Rom);
        if (region.Size is > 0 and <= int.MaxValue) return new AssignedRom(device, topology, Blank((int)region.Size), region);
        region.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public ulong Read(ulong offset, int width)
    {
        lock (_bytes) Load();
        ulong value = 0;
        for (int i = 0; i < width; i++) value |= (ulong)_bytes[(int)offset + i] << (8 * i);
        return value;
    }

    /// <inheritdoc/>
    public void Write(ulong offset, int width, ulong value)
    {
        // Read-only.
    }

    internal void Release()
    {
        _unread?.Dispose();
        _unread = null;
    }

    private static byte[] ReadFile(string path)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DeviceAssignmentException($"romfile={path} cannot be read: {exception.Message}", null, exception);
        }

        // A register decodes a power of two, and the two lowest kilobytes' bits of a ROM's are not addresses.
        const int smallest = 2048;
        byte[] bytes = Blank((int)Math.Max(BitOperations.RoundUpToPowerOf2((uint)file.Length), smallest));
        file.CopyTo(bytes, 0);
        return bytes;
    }

    private static byte[] Blank(int size)
    {
        byte[] bytes = new byte[size];
        bytes.AsSpan().Fill(0xff);
        return bytes;
    }

    private void Load()
    {
        if (_unread is not { } region) return;
        _unread = null;
        int done = 0;
        while (done < _bytes.Length)
        {
            KernelResult result = region.TryRead((ulong)done, _bytes.AsSpan(done));
            if (result.Errno is Errno.EINTR or Errno.EAGAIN) continue;
            if (result.IsError)
            {
                _device.Warn($"its ROM cannot be read at 0x{done:x} ({result}): the guest reads ones; give another by romfile=, or turn it off by rombar=0");
                _bytes.AsSpan().Fill(0xff);
                break;
            }

            // The image may be shorter than what the register decodes.
            if (result.Value == 0) break;
            done += (int)result.Value;
        }

        region.Dispose();
    }
}
