// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using PciCommand = VfioSharp.Pci.PciCommand;

namespace VfioSharp.Host.VfioPci;

/// <summary>What regions a device has (vfio_pci_core.c: vfio_pci_ioctl_get_region_info, vfio_pci_probe_mmaps).</summary>
internal sealed class RegionTable
{
    private const int InfoSize = 32;
    private const int CapabilitySize = 8;
    private const ushort VgaClass = 0x0300;

    private readonly PciFunction _function;
    private readonly RegionAccess _access;
    private readonly MsixTable _msix;
    private readonly ulong _pageMask;
    private readonly bool _faultsInMsixTable;
    private readonly bool[] _canMap = new bool[PciConfigSpace.BarCount];
    private readonly byte[][] _capabilities = new byte[PciConfigSpace.BarCount][];

    public RegionTable(PciFunction function, HostPlatform platform, RegionAccess access, MsixTable msix, ushort classCode)
    {
        _function = function;
        _access = access;
        _msix = msix;
        _pageMask = ~((ulong)platform.PageSize - 1);
        _faultsInMsixTable = platform.FaultsInMsixTable;
        HasVga = classCode == VgaClass;
        for (int i = 0; i < _canMap.Length; i++) _canMap[i] = CanMap(function.Bars[i], platform);
        for (int i = 0; i < _canMap.Length; i++) _capabilities[i] = Capabilities(i);
    }

    /// <summary>Whether there is the region of the legacy VGA ranges.</summary>
    public bool HasVga { get; }

    /// <summary>Whether a BAR can be mapped.</summary>
    public bool CanMap(int bar) => _canMap[bar];

    /// <summary>Whether a place of a mapped BAR is in a page of the MSI-X table, on a machine that keeps it from users.</summary>
    public bool IsKeptFromMappings(int bar, ulong offset)
    {
        if (!_faultsInMsixTable || bar != _msix.Bar) return false;
        ulong page = offset & _pageMask;
        return page >= (_msix.Offset & _pageMask) && page < _msix.Offset + _msix.Size;
    }

    /// <summary>DEVICE_GET_REGION_INFO (vfio_main.c: vfio_get_region_info).</summary>
    public KernelResult GetInfo(Caller caller, ulong argument)
    {
        const string call = "DEVICE_GET_REGION_INFO";
        VfioRegionInfo info = default;
        if (!UserMemory.TryRead(caller, argument, ref info)) return UserMemory.Fault(call, argument, InfoSize);
        if (info.Argsz < InfoSize) return UserMemory.ShortArgument(call, info.Argsz, InfoSize);
        if (info.Index >= VfioPciRegionIndex.Count || (info.Index == VfioPciRegionIndex.Vga && !HasVga))
        {
            return KernelResult.Fail(Errno.EINVAL, $"{call}: {_function.Address} has no region {info.Index}");
        }

        Fill(ref info);
        byte[] capabilities = info.Index < PciConfigSpace.BarCount ? _capabilities[info.Index] : [];
        if (capabilities.Length != 0)
        {
            info.Flags |= VfioRegionInfoFlags.Caps;
            if (info.Argsz < InfoSize + capabilities.Length)
            {
                info.Argsz = (uint)(InfoSize + capabilities.Length);
                info.CapOffset = 0;
            }
            else
            {
                if (!caller.Memory.TryWrite(argument + InfoSize, capabilities)) return UserMemory.Fault(call, argument + InfoSize, capabilities.Length);
                info.CapOffset = InfoSize;
            }
        }

        return UserMemory.TryWrite(caller, argument, in info) ? KernelResult.Success : UserMemory.Fault(call, argument, InfoSize);
    }

    // What of a BAR is memory, then that its MSI-X table can be mapped.
    private byte[] Capabilities(int bar)
    {
        if (!_canMap[bar]) return [];
        byte[] sparse = SparseAreas(bar, _function.Bars[bar].Size);
        if (bar != _msix.Bar) return sparse;
        byte[] all = new byte[sparse.Length + CapabilitySize];
        sparse.CopyTo(all, 0);
        MemoryMarshal.Write(all.AsSpan(sparse.Length), new VfioInfoCapHeader { Id = (ushort)VfioRegionInfoCap.MsixMappable, Version = 1 });
        // Each capability says where in the answer the next one is.
        if (sparse.Length != 0) MemoryMarshal.Write(all.AsSpan(4), (uint)(InfoSize + sparse.Length));
        return all;
    }

    // Of a BAR that is partly memory, the capability that lists the pages of that part; none when it is all the same.
    private byte[] SparseAreas(int bar, ulong size)
    {
        List<VfioRegionSparseMmapArea> areas = [];
        foreach (BarMemoryArea area in _function.Memory?.Areas ?? [])
        {
            ulong start = (area.Offset + ~_pageMask) & _pageMask;
            ulong end = (area.Offset + area.Length) & _pageMask;
            if (area.Bar == bar && end > start) areas.Add(new VfioRegionSparseMmapArea { Offset = start, Size = end - start });
        }

        if (areas.Count == 0 || areas[0].Size == size) return [];
        int headerSize = Unsafe.SizeOf<VfioRegionInfoCapSparseMmap>();
        byte[] capability = new byte[headerSize + (areas.Count * Unsafe.SizeOf<VfioRegionSparseMmapArea>())];
        MemoryMarshal.Write(capability, new VfioRegionInfoCapSparseMmap
        {
            Header = new VfioInfoCapHeader { Id = (ushort)VfioRegionInfoCap.SparseMmap, Version = 1 },
            NrAreas = (uint)areas.Count,
        });
        MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(areas)).CopyTo(capability.AsSpan(headerSize));
        return capability;
    }

    private void Fill(ref VfioRegionInfo info)
    {
        const uint readWrite = VfioRegionInfoFlags.Read | VfioRegionInfoFlags.Write;
        info.Offset = (ulong)info.Index << 40;
        switch (info.Index)
        {
            case VfioPciRegionIndex.Config:
                (info.Size, info.Flags) = ((ulong)_function.ConfigSize, readWrite);
                break;
            case VfioPciRegionIndex.Vga:
                (info.Size, info.Flags) = (0xc0000, readWrite);
                break;
            case VfioPciRegionIndex.Rom:
                bool valid = HasRom();
                (info.Size, info.Flags) = valid ? (_function.Bars[6].Size, VfioRegionInfoFlags.Read) : (0, 0);
                break;
            default:
                int bar = (int)info.Index;
                (info.Size, info.Flags) = (_function.Bars[bar].Size, 0);
                if (info.Size == 0) break;
                info.Flags = readWrite;
                if (_canMap[bar]) info.Flags |= VfioRegionInfoFlags.Mmap;
                break;
        }
    }

    // Memory is decoded for the moment of the look, whatever the user set (vfio_pci_memory_lock_and_enable).
    private bool HasRom()
    {
        PciBar rom = _function.Bars[6];
        if (rom.Start == 0) return false;
        uint command = _function.ReadConfig(PciHeader.Command, 2);
        bool isOff = (command & (uint)PciCommand.Memory) == 0;
        if (isOff) _function.WriteConfig(PciHeader.Command, 2, command | (uint)PciCommand.Memory);
        bool valid = _access.RomImageSize(rom) != 0;
        if (isOff) _function.WriteConfig(PciHeader.Command, 2, command);
        return valid;
    }

    // A BAR smaller than a page can be mapped when nothing else is in its page.
    private static bool CanMap(PciBar bar, HostPlatform platform)
    {
        if (bar.Size == 0 || !bar.IsMemory) return false;
        ulong page = (ulong)platform.PageSize;
        if (bar.Size >= page) return true;
        if (bar.Start % page != 0) return false;
        foreach (PciFunction other in platform.Functions)
        {
            foreach (PciBar neighbour in other.Bars)
            {
                if (neighbour.Size == 0 || !neighbour.IsMemory) continue;
                if (neighbour.Start >= bar.Start + bar.Size && neighbour.Start < bar.Start + page) return false;
            }
        }

        return true;
    }
}
