// SPDX-License-Identifier: MIT
using VfioSharp.Pci;

namespace VfioSharp.Guest.Containers;

/// <summary>A host device that is a virtual machine's, with the group and the container it is used through.</summary>
public sealed class OpenedDevice
{
    internal OpenedDevice(VfioDevice device, HostGroup group, string backEnd, string owner)
    {
        Device = device;
        HostGroup = group;
        BackEnd = backEnd;
        Owner = owner;
    }

    /// <summary>The device. <see cref="HostDevices.Close"/> closes it; its regions and interrupts are to be disposed before.</summary>
    public VfioDevice Device { get; }

    /// <summary>Where it is on the host.</summary>
    public PciAddress Address => Device.Address;

    /// <summary>Number of its IOMMU group.</summary>
    public int GroupNumber => HostGroup.Group.Number;

    /// <summary>Its IOMMU group.</summary>
    public VfioGroup Group => HostGroup.Group;

    /// <summary>The container its DMA goes through.</summary>
    public DmaContainer Container => HostGroup.Container;

    /// <summary>The kernel behind it: <c>Linux</c>, <c>software host x86</c>.</summary>
    public string BackEnd { get; }

    /// <summary>The virtual machine that has it.</summary>
    public string Owner { get; }

    /// <summary>What of the device is unusual and does not keep it from being used; null: nothing.</summary>
    public string? Warning => Device.CanReset ? null : $"device {Address} cannot be reset alone: what one guest leaves in it the next may find";

    internal HostGroup HostGroup { get; }

    internal bool IsClosed { get; set; }

    /// <summary>Address, group, container and back end.</summary>
    public override string ToString() => $"device {Address} of group {GroupNumber}, {Container}, on {BackEnd}";
}
