// SPDX-License-Identifier: MIT
using System.CommandLine;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio demo</c>.</summary>
internal static class DemoCommand
{
    /// <summary>The command.</summary>
    public static Command Create() => new("demo", "The main job on the software host, start to end.");
}
