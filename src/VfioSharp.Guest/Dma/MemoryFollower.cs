// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Dma;

/// <summary>
/// Watches the guest's memory for a container. POWER's version 2 maps only what is registered, so all RAM is registered
/// while it is there (hw/vfio/spapr.c); and entries of a guest's IOMMU that lead to memory which comes or goes are
/// mapped or taken away with it.
/// </summary>
internal sealed class MemoryFollower(DmaContainer container, DmaListener listener) : IMemoryListener
{
    private readonly Dictionary<MemorySection, RegisteredMemory> _registered = [];

    public void Begin()
    {
    }

    public void Commit()
    {
    }

    public void RegionAdded(in MemorySection section)
    {
        // Registers of devices are no memory that could be pinned.
        if (section.Region is not RamRegion { IsDevice: false } ram) return;
        if (container.IommuType == IommuType.SpaprTceV2) Register(ram, section);
        foreach (FollowedWindow window in listener.Followed) window.Refresh(section, isThere: true);
    }

    public void RegionRemoved(in MemorySection section)
    {
        if (section.Region is not RamRegion { IsDevice: false }) return;
        foreach (FollowedWindow window in listener.Followed) window.Refresh(section, isThere: false);
        if (!_registered.Remove(section, out RegisteredMemory? memory)) return;
        try
        {
            memory.Unregister();
        }
        catch (VfioException exception)
        {
            container.Fail(section, default, memory.Size, memory.Address, exception.Errno, exception.Message, exception.Remedy, isFatal: false);
        }
    }

    private void Register(RamRegion ram, in MemorySection section)
    {
        ulong mask = container.HostPageMask;
        if (((section.Address | section.OffsetInRegion | section.Size) & mask) != 0)
        {
            container.Fail(section, new Iova(section.Address), section.Size, 0, Linux.Errno.None,
                $"unaligned region: address, offset 0x{section.OffsetInRegion:x} and size must be multiples of the host's page of 0x{mask + 1:x} bytes; devices cannot reach it",
                remedy: null, isFatal: false);
            return;
        }

        ulong address = ram.Memory.Address + section.OffsetInRegion;
        try
        {
            _registered[section] = container.Container.Spapr!.RegisterMemory(address, section.Size);
        }
        catch (VfioException exception)
        {
            container.Fail(section, default, section.Size, address, exception.Errno, exception.Message, exception.Remedy, isFatal: true);
        }
    }
}
