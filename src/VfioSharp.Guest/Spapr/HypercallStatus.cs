// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr;

/// <summary>What hypercalls return (PAPR, H_ codes).</summary>
public enum HypercallStatus
{
    /// <summary>H_SUCCESS.</summary>
    Success = 0,

    /// <summary>H_FUNCTION: there is no such call.</summary>
    Function = -2,

    /// <summary>H_PARAMETER: an argument is wrong.</summary>
    Parameter = -4,
}

/// <summary>Numbers of the hypercalls that concern PCI (PAPR; RTAS' is QEMU's own, KVMPPC_H_RTAS).</summary>
public static class HypercallNumber
{
    /// <summary>H_GET_TCE.</summary>
    public const ulong GetTce = 0x1c;

    /// <summary>H_PUT_TCE.</summary>
    public const ulong PutTce = 0x20;

    /// <summary>H_STUFF_TCE.</summary>
    public const ulong StuffTce = 0x138;

    /// <summary>H_PUT_TCE_INDIRECT.</summary>
    public const ulong PutTceIndirect = 0x13c;

    /// <summary>A call of RTAS, whose arguments are in the guest's memory.</summary>
    public const ulong Rtas = 0xf000;
}
