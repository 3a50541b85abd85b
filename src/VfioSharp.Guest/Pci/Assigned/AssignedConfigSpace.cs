// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Guest.Containers;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>
/// Configuration space mixed of what the monitor keeps, bit by bit, and what the kernel shows of the real one
/// (hw/vfio/pci.c: vfio_pci_read_config).
/// </summary>
internal sealed class AssignedConfigSpace(AssignedPciDevice device, VfioConfigSpace real, ConfigImage image)
{
    // The bits that the guest sees of the image.
    private readonly byte[] _emulated = new byte[ConfigOffset.ExtendedSize];

    /// <summary>Copies the real space into the image.</summary>
    /// <exception cref="DeviceAssignmentException">It cannot be read whole.</exception>
    public void Load()
    {
        KernelResult result = real.TryRead(0, image.Bytes[..real.Size]);
        if (result.Value != real.Size)
        {
            throw new DeviceAssignmentException(
                $"the configuration space of {device.Host} has {real.Size} bytes, and reading them answered {result}",
                "See in the host's log whether the device still answers, and reset it");
        }
    }

    /// <summary>The guest sees these bits of the image.</summary>
    public void Emulate(int offset, int length, byte mask = 0xff) => _emulated.AsSpan(offset, length).Fill(mask);

    /// <summary>The guest sees this value in those bits of a register.</summary>
    public void Emulate(int offset, int width, uint value, uint mask)
    {
        image.Set(offset, width, (image.Read(offset, width) & ~mask) | (value & mask));
        for (int i = 0; i < width; i++) _emulated[offset + i] |= (byte)(mask >> (8 * i));
    }

    /// <summary>What the guest reads; ones when the kernel fails.</summary>
    public uint Read(int offset, int width)
    {
        uint emulated = 0;
        for (int i = 0; i < width; i++) emulated |= (uint)_emulated[offset + i] << (8 * i);
        uint all = uint.MaxValue >> (32 - (8 * width));
        if (emulated == all) return image.Read(offset, width);
        return TryReadReal(offset, width, out uint value) ? (image.Read(offset, width) & emulated) | (value & ~emulated) : all;
    }

    /// <summary>What the kernel shows of the real register; zero when it fails.</summary>
    public uint ReadReal(int offset, int width) => TryReadReal(offset, width, out uint value) ? value : 0;

    /// <summary>Writes to the kernel, which takes what a user may write.</summary>
    public void WriteReal(int offset, int width, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        KernelResult result = real.TryWrite(offset, bytes[..width]);
        if (result.Value != width) device.Warn($"writing 0x{value:x} ({width} bytes) to configuration register 0x{offset:x} failed with {result}");
    }

    private bool TryReadReal(int offset, int width, out uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bytes.Clear();
        KernelResult result = real.TryRead(offset, bytes[..width]);
        value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (result.Value == width) return true;
        device.Warn($"reading {width} bytes of configuration register 0x{offset:x} failed with {result}: the guest reads ones");
        return false;
    }
}
