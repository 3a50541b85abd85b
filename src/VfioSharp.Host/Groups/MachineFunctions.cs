// SPDX-License-Identifier: MIT
using System.Collections.Immutable;
using VfioSharp.Host.Iommu;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Host.Groups;

/// <summary>
/// The functions that are in the machine, each with its IOMMU group and its driver; how they come and go
/// (drivers/pci/probe.c: pci_device_add; drivers/iommu/iommu.c: iommu_init_device, iommu_deinit_device).
/// </summary>
internal sealed class MachineFunctions
{
    private readonly HostPlatform _platform;
    private readonly GroupRegistry _registry;
    private readonly IommuFaultLog _faults;
    private readonly HostActivity _activity;

    // Changed under the registry's lock, together with the platform and the groups' members; who reads takes what stands.
    private volatile ImmutableSortedDictionary<PciAddress, FunctionBinding> _bindings = ImmutableSortedDictionary<PciAddress, FunctionBinding>.Empty;
    private volatile ImmutableSortedDictionary<int, IommuGroup> _groups = ImmutableSortedDictionary<int, IommuGroup>.Empty;

    /// <summary>Takes over the functions that the platform begins with.</summary>
    public MachineFunctions(HostPlatform platform, GroupRegistry registry, IommuFaultLog faults, HostActivity activity)
    {
        _platform = platform;
        _registry = registry;
        _faults = faults;
        _activity = activity;
        var groupOf = new Dictionary<PciFunction, PlatformGroup>();
        foreach (PlatformGroup group in platform.Groups)
        {
            foreach (PciFunction member in group.Functions) groupOf[member] = group;
        }

        foreach (PciFunction function in platform.Functions) Join(function, groupOf.GetValueOrDefault(function));
    }

    /// <summary>All functions with their drivers, by address.</summary>
    public IEnumerable<FunctionBinding> All => _bindings.Values;

    /// <summary>The IOMMU groups, by number.</summary>
    public IEnumerable<IommuGroup> Groups => _groups.Values;

    /// <summary>The binding of a function, or null.</summary>
    public FunctionBinding? Find(PciAddress address) => _bindings.GetValueOrDefault(address);

    /// <summary>A group by its number, or null.</summary>
    public IommuGroup? FindGroup(int id) => _groups.GetValueOrDefault(id);

    /// <summary>
    /// A function appears, without a driver. EBUSY: it is in its group already and stays as it is (arch/powerpc/kernel/iommu.c:
    /// iommu_add_device); EEXIST: another one is at its address.
    /// </summary>
    public KernelResult Add(PciFunction function, out FunctionBinding? binding)
    {
        using (_registry.Lock.EnterScope())
        {
            binding = _bindings.GetValueOrDefault(function.Address);
            if (binding?.Function == function) return KernelResult.Fail(Errno.EBUSY, $"{function.Address} is in {(binding.Group is { } group ? $"IOMMU group {group.Id}" : "the machine")} already");
            if (binding is not null) return KernelResult.Fail(Errno.EEXIST, $"adding {function.Address}: another function is at that address already");
            binding = Join(function, _platform.Add(function));
            return KernelResult.Success;
        }
    }

    /// <summary>A function that no driver holds is gone.</summary>
    public void Remove(FunctionBinding binding)
    {
        using (_registry.Lock.EnterScope())
        {
            _bindings = _bindings.Remove(binding.Function.Address);
            _platform.Remove(binding.Function);
            if (binding.Group is not { } group) return;
            group.Members = group.Members.Remove(binding);
            if (group.Members.IsEmpty) _groups = _groups.Remove(group.Id);
        }

        (binding.Function as IDisposable)?.Dispose();
    }

    private FunctionBinding Join(PciFunction function, PlatformGroup? platformGroup)
    {
        IommuGroup? group = null;
        if (platformGroup is not null)
        {
            group = _groups.GetValueOrDefault(platformGroup.Id) ?? new IommuGroup(platformGroup);
            _groups = _groups.SetItem(group.Id, group);
        }

        var binding = new FunctionBinding(function, group);
        if (group is not null) group.Members = group.Members.Add(binding);
        function.Activity = _activity;
        _ = function.Identity; // read now, while it answers
        function.Dma = new DmaPort(function, group, _faults);
        _bindings = _bindings.Add(function.Address, binding);
        return binding;
    }
}
