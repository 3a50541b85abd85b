// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Dma;
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Containers;

/// <summary>
/// A container whose mappings follow an address space of the guest: what its devices reach by DMA is what the guest
/// sees there.
/// </summary>
public sealed class DmaContainer
{
    // As QEMU asks (hw/vfio/container-legacy.c): the better version of each IOMMU first.
    private static readonly IommuType[] s_types = [IommuType.Type1V2, IommuType.Type1, IommuType.SpaprTceV2, IommuType.SpaprTce];

    private readonly Action<DmaFailure>? _failed;
    private readonly List<HostGroup> _groups = [];
    private readonly List<IovaRange> _ranges = [];
    private readonly DmaListener _listener;
    private readonly MemoryFollower _follower;
    private readonly GuestAddressSpace _memory;
    private bool _isInitialized;
    private string? _firstError;
    private string? _firstRemedy;

    private DmaContainer(VfioContainer container, GuestAddressSpace dma, GuestAddressSpace memory, Action<DmaFailure>? failed)
    {
        Container = container;
        Dma = dma;
        _memory = memory;
        _failed = failed;
        _listener = new DmaListener(this);
        _follower = new MemoryFollower(this, _listener);
    }

    /// <summary>The container itself.</summary>
    public VfioContainer Container { get; }

    /// <summary>The guest's address space that it follows.</summary>
    public GuestAddressSpace Dma { get; }

    /// <summary>The IOMMU behind it.</summary>
    public IommuType IommuType => Container.IommuType!.Value;

    /// <summary>Numbers of the groups in it.</summary>
    public IReadOnlyCollection<int> GroupNumbers => [.. _groups.Select(group => group.Group.Number)];

    /// <summary>Bitmap of page sizes the host can map.</summary>
    public ulong PageSizes { get; private set; }

    /// <summary>What can be mapped on Type1; empty when the kernel does not say, or on POWER.</summary>
    public IReadOnlyList<IovaRange> IovaRanges => _ranges;

    /// <summary>How many mappings there could be when the container was made; null when the kernel does not say.</summary>
    public uint? MaxMappings { get; private set; }

    /// <summary>POWER's windows on the host, by which guest windows are served; null for another IOMMU.</summary>
    public HostWindows? Windows { get; private set; }

    internal IReadOnlyList<HostGroup> Groups => _groups;

    internal ulong HostPageMask => (ulong)Container.Kernel.PageSize - 1;

    /// <summary>IOMMU and address space.</summary>
    public override string ToString() => Container.IommuType is { } type ? $"{type} container of bus {Dma}" : $"container of bus {Dma}";

    /// <summary>A new container with its first group, which follows an address space from here on.</summary>
    internal static DmaContainer Create(
        VfioGroup group, PciAddress device, GuestAddressSpace dma, GuestAddressSpace memory, Action<DmaFailure>? failed)
    {
        var container = VfioContainer.Open(group.Kernel);
        var made = new DmaContainer(container, dma, memory, failed);
        bool isIn = false;
        try
        {
            IommuType type = Choose(container, group.Kernel);
            container.AddGroup(group);
            isIn = true;
            made.SetIommu(type);
            made.Initialize(device);
            return made;
        }
        catch (Exception exception) when (exception is VfioException or DeviceAssignmentException)
        {
            made.Release();
            if (isIn) group.LeaveContainer();
            container.Dispose();
            throw;
        }
    }

    internal void AddGroup(HostGroup group) => _groups.Add(group);

    internal void RemoveGroup(HostGroup group) => _groups.Remove(group);

    /// <summary>
    /// A group has left, and others stay: on POWER the kernel clears the tables that they share with it
    /// (vfio_iommu_spapr_tce.c: tce_iommu_release_ownership), so the guest's entries are mapped again.
    /// </summary>
    internal void Replay()
    {
        if (Windows is null) return;
        foreach (FollowedWindow window in _listener.Followed) window.Replay();
    }

    /// <summary>Follows no more: all that is mapped goes, then what is registered.</summary>
    internal void Release()
    {
        _isInitialized = true;
        Dma.RemoveListener(_listener);
        _memory.RemoveListener(_follower);
    }

    /// <summary>
    /// The one exit of all failures: before the container is made they refuse the device, afterwards they are told.
    /// </summary>
    internal void Fail(in MemorySection section, Iova iova, ulong size, ulong address, Linux.Errno errno, string message, string? remedy, bool isFatal)
    {
        string text = $"{section}: {message}";
        if (!_isInitialized && isFatal)
        {
            (_firstError, _firstRemedy) = (_firstError ?? text, _firstError is null ? remedy : _firstRemedy);
            return;
        }

        _failed?.Invoke(new DmaFailure(this, iova, size, address, errno, isFatal, text));
    }

    private static IommuType Choose(VfioContainer container, IVfioKernel kernel)
    {
        foreach (IommuType type in s_types)
            if (container.Supports((uint)type)) return type;
        throw new DeviceAssignmentException(
            $"{kernel.Name} has no IOMMU model that is known here ({string.Join(", ", s_types)})", "Load vfio_iommu_type1, or vfio_iommu_spapr_tce on POWER");
    }

    private void SetIommu(IommuType type)
    {
        try
        {
            Container.SetIommu(type);
        }
        catch (VfioException) when (type == IommuType.SpaprTceV2)
        {
            // Version 2 is announced, but this group's platform may not do it: version 1's answer is what counts.
            Container.SetIommu(IommuType.SpaprTce);
        }
    }

    private void Initialize(PciAddress device)
    {
        if (Container.Spapr is { } spapr)
        {
            if (IommuType == IommuType.SpaprTce) spapr.Enable();
            _memory.AddListener(_follower);
            ThrowFirstError(device);
            Windows = HostWindows.Create(spapr, IommuType, (ulong)Container.Kernel.PageSize);
            PageSizes = Windows.PageSizes;
        }
        else
        {
            IommuInfo info = Container.GetInfo();
            PageSizes = info.PageSizes == 0 ? (ulong)Container.Kernel.PageSize : info.PageSizes;
            MaxMappings = info.AvailableMappings;
            _ranges.AddRange(info.IovaRanges);
            _memory.AddListener(_follower);
        }

        Dma.AddListener(_listener);
        ThrowFirstError(device);
        _isInitialized = true;
    }

    private void ThrowFirstError(PciAddress device)
    {
        if (_firstError is { } error) throw new DeviceAssignmentException($"device {device} cannot be on bus {Dma}: {error}", _firstRemedy);
    }
}
