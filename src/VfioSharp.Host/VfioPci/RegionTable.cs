// SPDX-License-Identifier: MIT
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

    public RegionTable(PciFunction function, HostPlatform platform, RegionAccess access, MsixTable msix, ushort classCode)
    {
        _function = function;
        _access = access;
        _msix = msix;
        _pageMask = ~((ulong)platform.PageSize - 1);
        _faultsInMsixTable = platform.FaultsInMsixTable;
        HasVga = classCode == VgaClass;
        for (int i = 0; i < _canMap.Length; i++) _canMap[i] = CanMap(function.Bars[i], platform);
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

        bool tableIsMappable = Fill(ref info);
        if (tableIsMappable)
        {
            info.Flags |= VfioRegionInfoFlags.Caps;
            if (info.Argsz < InfoSize + CapabilitySize)
            {
                info.Argsz = InfoSize + CapabilitySize;
                info.CapOffset = 0;
            }
            else
            {
                var capability = new VfioInfoCapHeader { Id = (ushort)VfioRegionInfoCap.MsixMappable, Version = 1 };
                if (!UserMemory.TryWrite(caller, argument + InfoSize, in capability)) return UserMemory.Fault(call, argument + InfoSize, CapabilitySize);
                info.CapOffset = InfoSize;
            }
        }

        return UserMemory.TryWrite(caller, argument, in info) ? KernelResult.Success : UserMemory.Fault(call, argument, InfoSize);
    }

    // Returns whether the region is a mappable BAR that holds the MSI-X table.
    private bool Fill(ref VfioRegionInfo info)
    {
        const uint readWrite = VfioRegionInfoFlags.Read | VfioRegionInfoFlags.Write;
        info.Offset = (ulong)info.Index << 40;
        switch (info.Index)
        {
            case VfioPciRegionIndex.Config:
                (info.Size, info.Flags) = ((ulong)_function.ConfigSize, readWrite);
                return false;
            case VfioPciRegionIndex.Vga:
                (info.Size, info.Flags) = (0xc0000, readWrite);
                return false;
            case VfioPciRegionIndex.Rom:
                bool valid = HasRom();
                (info.Size, info.Flags) = valid ? (_function.Bars[6].Size, VfioRegionInfoFlags.Read) : (0, 0);
                return false;
            default:
                int bar = (int)info.Index;
                (info.Size, info.Flags) = (_function.Bars[bar].Size, 0);
                if (info.Size == 0) return false;
                info.Flags = readWrite;
                if (!_canMap[bar]) return false;
                info.Flags |= VfioRegionInfoFlags.Mmap;
                return bar == _msix.Bar;
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
