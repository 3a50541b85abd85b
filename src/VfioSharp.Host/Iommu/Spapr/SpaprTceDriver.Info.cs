// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>SPAPR_TCE_GET_INFO.</summary>
internal sealed partial class SpaprTceDriver
{
    // Up to dma32_window_size; with the part on dynamic windows it is the whole struct.
    private const int SmallInfoSize = 16;

    private KernelResult GetInfo(Caller caller, ulong argument)
    {
        if (_groups.Count == 0) return NoGroup(Errno.ENXIO, "SPAPR_TCE_GET_INFO");
        IommuTableGroup group = TableGroup(_groups[0]);
        VfioIommuSpaprTceInfo info = default;
        if (!UserMemory.TryRead(caller, argument, ref info, SmallInfoSize)) return UserMemory.Fault("SPAPR_TCE_GET_INFO", argument, SmallInfoSize);
        if (info.Argsz < SmallInfoSize) return UserMemory.ShortArgument("SPAPR_TCE_GET_INFO", info.Argsz, SmallInfoSize);
        info.Dma32WindowStart = (uint)group.Tce32Start;
        info.Dma32WindowSize = (uint)group.Tce32Size;
        info.Flags = 0;
        info.Ddw = default;
        if (group.MaxWindows != 0 && _isV2)
        {
            info.Flags |= VfioIommuSpaprInfoFlags.Ddw;
            info.Ddw.Pgsizes = group.PageSizesOf(_kernel);
            (info.Ddw.MaxDynamicWindowsSupported, info.Ddw.Levels) = group.MaxWindows == uint.MaxValue && !_kernel.Copies(Fidelity.NoWindowCallsIsMinusOneWindow)
                ? (1, 1)
                : (group.MaxWindows, group.MaxLevels);
        }

        WideWindowInfo? wide = WideWindowInfo.Of(group);
        if (wide is not null)
        {
            (info.Dma32WindowStart, info.Dma32WindowSize) = (0, 0);
            info.Flags |= WideWindowInfo.Flag;
        }

        // The flag stands there even when the caller left no room for what it announces.
        int size = info.Argsz >= Unsafe.SizeOf<VfioIommuSpaprTceInfo>() ? Unsafe.SizeOf<VfioIommuSpaprTceInfo>() : SmallInfoSize;
        if (wide is { } window && info.Argsz >= WideWindowInfo.Offset + Unsafe.SizeOf<WideWindowInfo>() && !UserMemory.TryWrite(caller, argument + WideWindowInfo.Offset, in window))
        {
            return UserMemory.Fault("SPAPR_TCE_GET_INFO", argument + WideWindowInfo.Offset, Unsafe.SizeOf<WideWindowInfo>());
        }

        return UserMemory.TryWrite(caller, argument, in info, size) ? KernelResult.Success : UserMemory.Fault("SPAPR_TCE_GET_INFO", argument, size);
    }
}
