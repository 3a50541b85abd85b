// SPDX-License-Identifier: MIT
using System.Collections.Immutable;
using VfioSharp.Host.Iommu;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Groups;

/// <summary>
/// An IOMMU group: what the IOMMU can tell apart, and who owns its DMA (drivers/iommu/iommu.c: struct iommu_group).
/// It exists whether or not VFIO uses it. Ownership is guarded by the group registry's lock.
/// </summary>
internal sealed class IommuGroup
{
    private IommuDomain? _domain;

    public IommuGroup(PlatformGroup platform)
    {
        Platform = platform;
        _domain = platform.Tables?.Domain;
    }

    /// <summary>What the platform said of the group.</summary>
    public PlatformGroup Platform { get; }

    /// <summary>The group's number.</summary>
    public int Id => Platform.Id;

    /// <summary>The group's functions and what drives them.</summary>
    public ImmutableArray<FunctionBinding> Members { get; set; } = [];

    /// <summary>How many use the group's DMA: host drivers bound, or one exclusive owner (owner_cnt).</summary>
    public int OwnerCount { get; private set; }

    /// <summary>Who owns the group exclusively, if anybody (owner).</summary>
    public VfioGroup? Owner { get; private set; }

    /// <summary>
    /// Where the group's DMA is translated. On x86 null while no VFIO container has it; on POWER the endpoint's windows,
    /// whoever has them. Read by DMA without a lock.
    /// </summary>
    public IommuDomain? Domain => Volatile.Read(ref _domain);

    /// <summary>Points the group's DMA at a domain, or at none.</summary>
    public void SetDomain(IommuDomain? domain)
    {
        IommuDomain? old = _domain;
        Volatile.Write(ref _domain, domain);

        // No access under way may still use the old translations once this returns, as after an IOTLB flush.
        old?.WaitForAccesses();
    }

    /// <summary>An exclusive owner takes the group's DMA (iommu_group_claim_dma_owner).</summary>
    public KernelResult Claim(VfioGroup owner)
    {
        if (OwnerCount != 0)
        {
            return KernelResult.Fail(Errno.EPERM, $"group {Id} is not viable: {DescribeUsers()}; unbind it or bind it to vfio-pci");
        }

        // arch/powerpc/kernel/iommu.c: the blocked domain's attach takes the endpoint from the host, function by function.
        if (Platform.Tables is { } tables)
        {
            foreach (FunctionBinding member in Members)
            {
                KernelResult taken = tables.TakeOwnership(member.Function);
                if (taken.IsError) return taken;
            }
        }

        Owner = owner;
        OwnerCount = 1;
        return KernelResult.Success;
    }

    /// <summary>The exclusive owner lets go (iommu_group_release_dma_owner).</summary>
    public void Unclaim()
    {
        if (Platform.Tables is { } tables)
        {
            foreach (FunctionBinding member in Members) tables.ReleaseOwnership(member.Function);
        }
        else
        {
            SetDomain(null);
        }

        Owner = null;
        OwnerCount = 0;
    }

    /// <summary>A host driver starts to use the group's default domain (iommu_device_use_default_domain).</summary>
    public KernelResult UseDefaultDomain(FunctionBinding user, string driver)
    {
        if (Owner is not null)
        {
            return KernelResult.Fail(Errno.EBUSY, $"driver {driver} cannot take {user.Function.Address}: its group {Id} is owned by {Owner.DescribeOwner()}");
        }

        OwnerCount++;
        return KernelResult.Success;
    }

    /// <summary>A host driver stops using it (iommu_device_unuse_default_domain).</summary>
    public void UnuseDefaultDomain() => OwnerCount--;

    private string DescribeUsers()
    {
        if (Owner is not null) return $"it is owned by {Owner.DescribeOwner()}";
        IEnumerable<string> users = Members.Where(member => member.UsesDefaultDomain).Select(member => $"{member.Function.Address} is bound to {member.Driver}");
        return string.Join(", ", users);
    }
}
