// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Commands;

/// <summary>A command that cannot go on: one line of cause, one of remedy, an exit code.</summary>
internal sealed class CommandFailure(int exitCode, string cause, string remedy) : Exception(cause)
{
    /// <summary>The tool's exit code.</summary>
    public int ExitCode => exitCode;

    /// <summary>What to do about it.</summary>
    public string Remedy => remedy;

    /// <summary>The command line, or a file named on it, is wrong.</summary>
    public static CommandFailure Usage(string cause, string remedy) => new(ExitCodes.Usage, cause, remedy);
}
