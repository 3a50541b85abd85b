// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr;

/// <summary>What hypercalls return (PAPR, H_ codes).</summary>
public enum HypercallStatus
{
    /// <summary>H_SUCCESS.</summary>
    Success = 0,

    /// <summary>H_PARAMETER: an argument is wrong.</summary>
    Parameter = -4,
}

/// <summary>What RTAS calls return (LoPAR, table of call status values).</summary>
public enum RtasStatus
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>The hardware, or what plays it, could not.</summary>
    HardwareError = -1,

    /// <summary>A parameter is wrong.</summary>
    ParameterError = -3,
}
