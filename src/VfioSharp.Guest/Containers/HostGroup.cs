// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Containers;

/// <summary>A group while devices of it are the machine's.</summary>
internal sealed class HostGroup(VfioGroup group, int? descriptor, DmaContainer container)
{
    public VfioGroup Group { get; } = group;

    /// <summary>The descriptor it was passed by; null when it was opened here.</summary>
    public int? Descriptor { get; } = descriptor;

    public DmaContainer Container { get; } = container;

    public List<OpenedDevice> Devices { get; } = [];
}
