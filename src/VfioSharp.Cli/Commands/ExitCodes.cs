// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Commands;

/// <summary>What the tool's exit codes mean. <c>vfio run</c> passes its program's code through instead.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>Tried, and the answer is no.</summary>
    public const int Failure = 1;

    /// <summary>The command line or a file named on it is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The computer lacks something that is needed.</summary>
    public const int Environment = 3;
}
