// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Platforms;

/// <summary>The platforms there are.</summary>
public enum PlatformKind
{
    /// <summary>A PC with VT-d or AMD-Vi.</summary>
    X86,

    /// <summary>Bare-metal POWER (OPAL): the kernel owns the PCI host bridges.</summary>
    PowerNv,

    /// <summary>POWER under a hypervisor (PAPR): firmware owns the tables.</summary>
    Pseries,
}
