// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;
using VfioSharp.Samples;

namespace VfioSharp.Cli.Demo;

/// <summary>On x86: a group, DMA both ways, an interrupt, and three refusals.</summary>
internal sealed class Type1Demo(IVfioKernel kernel, Action<DemoStep> done) : DemoRun(kernel, done)
{
    // Two IOVAs in the 28 bits that edu drives, and one in the window that x86 keeps for MSIs.
    private static readonly Iova s_source = new(0x100000), s_destination = new(0x200000), s_msiWindow = new(0xfee00000);

    /// <inheritdoc/>
    internal override bool Run()
    {
        PciAddress address = default;
        VfioGroup group = null!;
        VfioContainer container = null!;
        VfioDevice device = null!;
        EduDriver edu = null!;
        DmaBuffer source = null!, destination = null!;
        return
            Step("find", () => Find(out address)) &&
            Step("group", () => OpenGroup(address, out group)) &&
            Step("container", () => OpenContainer(group, out container)) &&
            Step("device", () => OpenDevice(group, address, out device)) &&
            Step("registers", () => StartDriver(device, out edu)) &&
            Step("MAP_DMA", () => MapBuffers(container, out source, out destination)) &&
            Step("DMA read", () => ReadMemory(edu, source)) &&
            Step("DMA write", () => WriteMemory(edu, source, destination)) &&
            Step("interrupt", () => Compute(edu)) &&
            Step("refusal", () => Refuse(container, s_source + 0x1000, 0x1000, Errno.EEXIST, "overlaps the first buffer")) &&
            Step("refusal", () => Refuse(container, new Iova(0x300800), 0x1000, Errno.EINVAL, "is not on a page boundary")) &&
            Step("refusal", () => Refuse(container, s_msiWindow, 0x1000, Errno.EINVAL, "lies in the MSI window")) &&
            Step("UNMAP_DMA", () => Unmap(container));
    }

    private Outcome OpenContainer(VfioGroup group, out VfioContainer container)
    {
        container = Keep(VfioContainer.Open(Kernel));
        container.AddGroup(group);
        container.SetIommu();
        IommuInfo info = container.GetInfo();
        return new(
            group.IsInContainer && container.IommuType == IommuType.Type1V2 && info.SmallestPageSize > 0,
            $"/dev/vfio/vfio: SET_CONTAINER, SET_IOMMU TYPE1v2",
            $"pages of {DescribePages(info.PageSizes)}; IOVAs {string.Join(" and ", info.IovaRanges)}; {info.AvailableMappings} mappings left");
    }

    private Outcome MapBuffers(VfioContainer container, out DmaBuffer source, out DmaBuffer destination)
    {
        source = Keep(container.AllocateDma(s_source, BufferSize, DmaAccess.Read));
        destination = Keep(container.AllocateDma(s_destination, BufferSize, DmaAccess.ReadWrite));
        byte[] pattern = new byte[BufferSize];
        for (int i = 0; i < pattern.Length; i++) pattern[i] = (byte)((i * 7) + (i >> 8));
        source.Write(0, pattern);
        return new(true, $"0x{BufferSize:x} bytes at iova {s_source} (device reads), 0x{BufferSize:x} at {s_destination} (device reads and writes)");
    }

    private static Outcome Unmap(VfioContainer container)
    {
        ulong unmapped = container.UnmapAll();
        uint? left = container.GetInfo().AvailableMappings;
        return new(unmapped == 2 * BufferSize, $"ALL: 0x{unmapped:x} bytes, {left} mappings left");
    }
}
