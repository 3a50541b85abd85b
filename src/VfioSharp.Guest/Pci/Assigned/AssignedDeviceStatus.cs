// SPDX-License-Identifier: MIT
using VfioSharp.Pci;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>Which interrupts of a device are on.</summary>
public enum AssignedInterruptMode
{
    /// <summary>None.</summary>
    None,

    /// <summary>The line.</summary>
    Intx,

    /// <summary>MSI.</summary>
    Msi,

    /// <summary>MSI-X.</summary>
    Msix,
}

/// <summary>What stands behind an assigned device now.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Host">Its address on the host.</param>
/// <param name="Group">The number of its IOMMU group.</param>
/// <param name="BackEnd">Which kernel serves it, and by which kind of IOMMU container.</param>
/// <param name="Owner">The host's driver that holds it.</param>
/// <param name="Interrupts">Which interrupts are on.</param>
/// <param name="Vectors">How many vectors are in use.</param>
/// <param name="Accelerated">How many of them a hypervisor in the kernel delivers.</param>
/// <param name="Acceleration">That hypervisor; null: there is none.</param>
/// <param name="BootIndex">Its place in the order of boot; null: it has none.</param>
public sealed record AssignedDeviceStatus(
    string Id,
    PciAddress Host,
    int Group,
    string BackEnd,
    string Owner,
    AssignedInterruptMode Interrupts,
    int Vectors,
    int Accelerated,
    string? Acceleration,
    int? BootIndex)
{
    /// <summary>One line for a person.</summary>
    public override string ToString() => $"{Id}: {Host} (group {Group}, {Owner}), {BackEnd}; {DescribeInterrupts()}";

    private string DescribeInterrupts()
    {
        string kind = Interrupts switch
        {
            AssignedInterruptMode.Intx => "INTx",
            AssignedInterruptMode.Msi => $"MSI ({Vectors} in use)",
            AssignedInterruptMode.Msix => $"MSI-X ({Vectors} in use)",
            _ => "no interrupts",
        };
        return Acceleration is null ? $"{kind}, not accelerated" : $"{kind}, {Accelerated} accelerated by {Acceleration}";
    }
}
