// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Cli.Commands;

/// <summary>A device opened as a VFIO program opens it, for what its regions and interrupts are.</summary>
internal static class VfioView
{
    private static readonly string[] s_regions = ["BAR 0", "BAR 1", "BAR 2", "BAR 3", "BAR 4", "BAR 5", "ROM", "config", "VGA"];
    private static readonly string[] s_interrupts = ["INTx", "MSI", "MSI-X", "ERR", "REQ"];

    /// <summary>Asks; the refusal when it cannot be opened.</summary>
    public static KernelResult Read(SoftwareHost host, PciAddress address, int group, List<ListedRegion> regions, List<ListedInterrupt> interrupts)
    {
        // Ends with the process: whatever is open is closed.
        using SoftwareKernel kernel = new(host, "vfio show");
        KernelResult container = kernel.Open("/dev/vfio/vfio", OpenMode.ReadWrite);
        if (container.IsError) return container;
        KernelResult opened = kernel.Open($"/dev/vfio/{group}", OpenMode.ReadWrite);
        if (opened.IsError) return opened;
        int descriptor = (int)container.Value;
        KernelResult entered = kernel.Ioctl((int)opened.Value, VfioIoctl.GroupSetContainer, MemoryMarshal.AsBytes(new Span<int>(ref descriptor)));
        if (entered.IsError) return entered;
        uint type = host.Platform is PowerPlatform ? VfioExtension.SpaprTceV2 : VfioExtension.Type1V2;
        KernelResult iommu = kernel.Ioctl(descriptor, VfioIoctl.SetIommu, type);
        if (iommu.IsError) return iommu;
        KernelResult device = kernel.Ioctl((int)opened.Value, VfioIoctl.GroupGetDeviceFd, Encoding.ASCII.GetBytes(address + "\0"));
        if (device.IsError) return device;
        for (uint index = 0; index < VfioPciRegionIndex.Count; index++)
            if (Region(kernel, (int)device.Value, index) is { } region)
                regions.Add(region);
        for (uint index = 0; index < VfioPciIrqIndex.Count; index++)
            if (Interrupt(kernel, (int)device.Value, index) is { } interrupt)
                interrupts.Add(interrupt);
        return KernelResult.Success;
    }

    private static ListedRegion? Region(SoftwareKernel kernel, int device, uint index)
    {
        byte[] answer = new byte[4096];
        ref VfioRegionInfo info = ref MemoryMarshal.AsRef<VfioRegionInfo>(answer.AsSpan());
        info.Argsz = (uint)answer.Length;
        info.Index = index;
        if (kernel.Ioctl(device, VfioIoctl.DeviceGetRegionInfo, answer).IsError || info.Size == 0) return null;
        uint flags = info.Flags;
        List<string> names = [];
        if ((flags & VfioRegionInfoFlags.Read) != 0) names.Add("read");
        if ((flags & VfioRegionInfoFlags.Write) != 0) names.Add("write");
        if ((flags & VfioRegionInfoFlags.Mmap) != 0) names.Add("mmap");
        List<string> capabilities = [];
        uint offset = (flags & VfioRegionInfoFlags.Caps) != 0 ? info.CapOffset : 0;
        while (offset != 0 && offset <= answer.Length - Unsafe.SizeOf<VfioInfoCapHeader>())
        {
            VfioInfoCapHeader header = MemoryMarshal.Read<VfioInfoCapHeader>(answer.AsSpan((int)offset));
            capabilities.Add((uint)header.Id switch
            {
                VfioRegionInfoCap.SparseMmap => "sparse mmap",
                VfioRegionInfoCap.Type => "type",
                VfioRegionInfoCap.MsixMappable => "MSI-X mappable",
                uint other => $"capability {other}",
            });
            if (header.Next <= offset) break;
            offset = header.Next;
        }

        return new ListedRegion(index, s_regions[index], info.Size, names, capabilities);
    }

    private static ListedInterrupt? Interrupt(SoftwareKernel kernel, int device, uint index)
    {
        var info = new VfioIrqInfo { Argsz = (uint)Unsafe.SizeOf<VfioIrqInfo>(), Index = index };
        if (kernel.Ioctl(device, VfioIoctl.DeviceGetIrqInfo, MemoryMarshal.AsBytes(new Span<VfioIrqInfo>(ref info))).IsError || info.Count == 0) return null;
        List<string> names = [];
        if ((info.Flags & VfioIrqInfoFlags.Eventfd) != 0) names.Add("eventfd");
        if ((info.Flags & VfioIrqInfoFlags.Maskable) != 0) names.Add("maskable");
        if ((info.Flags & VfioIrqInfoFlags.Automasked) != 0) names.Add("automasked");
        if ((info.Flags & VfioIrqInfoFlags.Noresize) != 0) names.Add("noresize");
        return new ListedInterrupt(index, s_interrupts[index], info.Count, names);
    }
}
