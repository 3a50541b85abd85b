// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using PciCommand = VfioSharp.Pci.PciCommand;

namespace VfioSharp.Host.VfioPci;

/// <summary>pread and pwrite on BARs, the ROM and the legacy VGA ranges (vfio_pci_rdwr.c). Allocates nothing unless it refuses.</summary>
internal sealed class RegionAccess
{
    private const int Vga = (int)Abi.Vfio.VfioPciRegionIndex.Vga;

    private const int Rom = (int)Abi.Vfio.VfioPciRegionIndex.Rom;

    private readonly PciFunction _function;
    private readonly VirtualConfig _config;
    private readonly MsixTable _msix;

    // Of a virtual function: where its physical one says whether virtual functions decode memory; else 0.
    private readonly int _virtualControl;

    public RegionAccess(PciFunction function, VirtualConfig config, MsixTable msix)
    {
        _function = function;
        _config = config;
        _msix = msix;
        if (function.PhysicalFunction is { } physical && SriovCapability.Find(physical) is { } sriov) _virtualControl = sriov.Position + Abi.PciRegs.PciSriov.Control;
    }

    /// <summary>vfio_pci_bar_rw: BARs 0–5 and the ROM.</summary>
    public KernelResult AccessBar(Caller caller, ulong address, ulong count, int index, ulong offset, bool isWrite)
    {
        PciBar bar = _function.Bars[index];
        string what = isWrite ? "write" : "read";
        if (bar.Start == 0) return KernelResult.Fail(Errno.EINVAL, $"{what}: region {index} of {_function.Address} is not implemented");
        if (offset >= bar.Size)
        {
            return KernelResult.Fail(Errno.EINVAL, $"{what}: offset 0x{offset:x} is past the 0x{bar.Size:x} bytes of region {index}");
        }

        count = Math.Min(count, bar.Size - offset);
        var span = new RegionSpan(index, bar.IsMemory, 0, 0, 8);
        if (index == Rom)
        {
            ulong image = RomImageSize(bar);
            if (image == 0) return KernelResult.Fail(Errno.ENOMEM, $"read: the ROM of {_function.Address} has no valid image");
            span = span with { ExcludedStart = image, ExcludedEnd = bar.Size, MostWidth = 4 };
        }
        else if (index == _msix.Bar)
        {
            span = span with { ExcludedStart = _msix.Offset, ExcludedEnd = _msix.Offset + _msix.Size };
        }

        return Access(caller, address, count, offset, span, isWrite);
    }

    /// <summary>vfio_pci_vga_rw.</summary>
    public KernelResult AccessVga(Caller caller, ulong address, ulong count, ulong offset, bool isWrite)
    {
        ulong end = offset switch
        {
            >= 0xa0000 and <= 0xbffff => 0xc0000,
            >= 0x3b0 and <= 0x3bb => 0x3bc,
            >= 0x3c0 and <= 0x3df => 0x3e0,
            _ => 0,
        };
        if (end == 0)
        {
            return KernelResult.Fail(Errno.EINVAL, $"VGA region: 0x{offset:x} is in none of 0xa0000-0xbffff, 0x3b0-0x3bb, 0x3c0-0x3df");
        }

        // Memory decoding does not matter here: it is not a BAR.
        return Access(caller, address, Math.Min(count, end - offset), offset, new RegionSpan(Vga, TestMemory: false, 0, 0, 4), isWrite);
    }

    /// <summary>
    /// Length of the ROM's images, 0 without a valid one or with memory decoding off (drivers/pci/rom.c:
    /// pci_get_rom_size).
    /// </summary>
    public ulong RomImageSize(PciBar bar)
    {
        ulong image = 0;
        while (true)
        {
            if (image + 26 > bar.Size || ReadRom(image, 2) != 0xaa55) break;
            ulong data = image + ReadRom(image + 24, 2);
            if (data + 22 > bar.Size || ReadRom(data, 4) != 0x52494350) break;
            bool last = (ReadRom(data + 21, 1) & 0x80) != 0;
            ulong length = ReadRom(data + 16, 2);
            image += length * 512;
            if (last || length == 0 || image >= bar.Size) break;
        }

        return Math.Min(image, bar.Size);
    }

    /// <summary>A load as the device answers it: ones where it does not decode or is cut off.</summary>
    public ulong Load(int index, ulong offset, int width)
    {
        if (_function.Isolation is { BlocksMmio: true }) return ulong.MaxValue;
        if (index == Vga) return _function.ReadVga(offset, width);
        PciBar bar = _function.Bars[index];
        if (!Decodes(bar) || offset + (ulong)width > bar.Size) return ulong.MaxValue;
        return _function.Memory is { } memory && memory.TryLoad(index, offset, width, out ulong value) ? value : _function.ReadBar(index, offset, width);
    }

    /// <summary>A store; nothing where the device does not decode or is cut off.</summary>
    public void Store(int index, ulong offset, int width, ulong value)
    {
        if (_function.Isolation is { BlocksMmio: true }) return;
        if (index == Vga)
        {
            _function.WriteVga(offset, width, value);
            return;
        }

        PciBar bar = _function.Bars[index];
        if (!Decodes(bar) || offset + (ulong)width > bar.Size) return;
        if (_function.Memory is not { } memory || !memory.TryStore(index, offset, width, value)) _function.WriteBar(index, offset, width, value);
    }

    private ulong ReadRom(ulong offset, int width) => Load(Rom, offset, width) & (width == 4 ? uint.MaxValue : (1UL << (8 * width)) - 1);

    // What the device itself answers to; the user's own view of COMMAND was asked before.
    private bool Decodes(PciBar bar)
    {
        if (_virtualControl != 0) return (_function.PhysicalFunction!.ReadConfig(_virtualControl, 2) & Abi.PciRegs.PciSriov.ControlMemory) != 0;
        var command = (PciCommand)_function.ReadConfig(Abi.PciRegs.PciHeader.Command, 2);
        return (command & (bar.IsIo ? PciCommand.Io : PciCommand.Memory)) != 0;
    }

    // vfio_pci_core_do_io_rw: the widest aligned accesses that fit; what is excluded reads ones and drops writes.
    private KernelResult Access(Caller caller, ulong address, ulong count, ulong offset, RegionSpan span, bool isWrite)
    {
        Span<byte> bytes = stackalloc byte[8];
        ulong done = 0;
        while (count > 0)
        {
            ulong fillable = offset < span.ExcludedStart ? Math.Min(count, span.ExcludedStart - offset)
                : offset >= span.ExcludedEnd ? count : 0;
            ulong filled;
            if (fillable == 0)
            {
                filled = Math.Min(count, span.ExcludedEnd - offset);
                if (!isWrite && !FillOnes(caller, address, filled)) return Fault(address, filled, isWrite);
            }
            else
            {
                int width = Width(fillable, offset, span.MostWidth);
                filled = (ulong)width;
                if (isWrite)
                {
                    bytes.Clear();
                    if (!caller.Memory.TryRead(address, bytes[..width])) return Fault(address, filled, isWrite);
                }

                if (!Transfer(span, offset, width, bytes, isWrite))
                {
                    return KernelResult.Fail(
                        Errno.EIO, $"region {span.Index} at 0x{offset:x}: memory decoding of {_function.Address} is off (COMMAND bit 1, or power state D3hot)");
                }

                if (!isWrite && !caller.Memory.TryWrite(address, bytes[..width])) return Fault(address, filled, isWrite);
            }

            (count, done, offset, address) = (count - filled, done + filled, offset + filled, address + filled);
        }

        return KernelResult.Ok((long)done);
    }

    // vfio_pci_core_ioread8 and its like: the test and the access belong together. False when memory is not decoded.
    private bool Transfer(in RegionSpan span, ulong offset, int width, Span<byte> bytes, bool isWrite)
    {
        _config.Gate.Enter();
        try
        {
            if (span.TestMemory && !_config.IsMemoryEnabled) return false;
            if (isWrite) Store(span.Index, offset, width, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            else BinaryPrimitives.WriteUInt64LittleEndian(bytes, Load(span.Index, offset, width));
            return true;
        }
        finally
        {
            _config.Gate.Exit();
        }
    }

    private static int Width(ulong fillable, ulong offset, int most)
    {
        if (fillable >= 8 && offset % 8 == 0 && most >= 8) return 8;
        if (fillable >= 4 && offset % 4 == 0) return 4;
        return fillable >= 2 && offset % 2 == 0 ? 2 : 1;
    }

    private static bool FillOnes(Caller caller, ulong address, ulong count)
    {
        Span<byte> ones = stackalloc byte[64];
        ones.Fill(0xff);
        for (ulong at = 0; at < count; at += (ulong)ones.Length)
        {
            int part = (int)Math.Min(count - at, (ulong)ones.Length);
            if (!caller.Memory.TryWrite(address + at, ones[..part])) return false;
        }

        return true;
    }

    private static KernelResult Fault(ulong address, ulong count, bool isWrite) => KernelResult.Fail(
        Errno.EFAULT, $"{count} bytes of the caller at 0x{address:x} cannot be {(isWrite ? "read" : "written")}");

    private readonly record struct RegionSpan(int Index, bool TestMemory, ulong ExcludedStart, ulong ExcludedEnd, int MostWidth);
}
