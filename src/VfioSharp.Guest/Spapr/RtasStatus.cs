// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr;

/// <summary>What RTAS calls return (LoPAR, table of call status values).</summary>
public enum RtasStatus
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>Done, and there was no error to tell of.</summary>
    NoErrorsFound = 1,

    /// <summary>The hardware, or what plays it, could not.</summary>
    HardwareError = -1,

    /// <summary>A parameter is wrong.</summary>
    ParameterError = -3,
}
