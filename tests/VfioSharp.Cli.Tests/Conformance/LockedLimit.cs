// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using VfioSharp.Cli.Conformance;
using VfioSharp.Cli.Scripts;

namespace VfioSharp.Cli.Tests.Conformance;

/// <summary>
/// RLIMIT_MEMLOCK of this computer. A program under <c>vfio run</c> has this computer's, and a scenario that raises the hard
/// limit plays only where that is permitted (CAP_SYS_RESOURCE in the first user namespace).
/// </summary>
internal static class LockedLimit
{
    private const string Operation = "rlimit memlock ";

    private static readonly Lazy<bool> MayRaise = new(() =>
    {
        using Process shell = Process.Start("/bin/sh", ["-c", "ulimit -l unlimited 2> /dev/null"]);
        shell.WaitForExit();
        return shell.ExitCode == 0;
    });

    private static readonly Lazy<ulong> Hard = new(() =>
    {
        // "Max locked memory         8388608              8388608              bytes"
        string line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max locked memory", StringComparison.Ordinal));
        string limit = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2];
        return limit == "unlimited" ? ulong.MaxValue : ulong.Parse(limit, CultureInfo.InvariantCulture);
    });

    /// <summary>Whether a scenario raises the limit though this process must not.</summary>
    public static bool IsRaisedBy(Scenario scenario) =>
        File.ReadLines(scenario.File)
            .Where(line => line.StartsWith(Operation, StringComparison.Ordinal))
            .Select(line => line[Operation.Length..].Trim())
            .Any(limit => Value(limit) > Hard.Value && !MayRaise.Value);

    private static ulong Value(string limit) =>
        limit == "inf" ? ulong.MaxValue : ScriptExpression.Evaluate(limit, new ScriptSymbols(), 0x1000);
}
