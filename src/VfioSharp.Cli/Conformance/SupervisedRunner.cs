// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Commands;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Supervisor;

namespace VfioSharp.Cli.Conformance;

/// <summary>Runs scenarios by the compiled C runner under <c>vfio run</c>, one host and one program each.</summary>
internal sealed class SupervisedRunner : IScenarioRunner
{
    // The shell redirects; the runner takes its place, so that the program under the supervisor is the runner itself.
    private const string Script = "exec timeout \"$4\" \"$0\" \"$1\" < \"$2\" > \"$3\"";

    private readonly MachineDescription _machine;
    private readonly string _runner;
    private readonly TimeSpan _limit;

    private SupervisedRunner(MachineDescription machine, string runner, TimeSpan limit)
    {
        _machine = machine;
        _runner = runner;
        _limit = limit;
    }

    /// <summary>Checks that the runner is there.</summary>
    public static SupervisedRunner Create(MachineDescription machine, string? runner, TimeSpan limit)
    {
        const string Remedy = "compile it: gcc -O2 -static -o vfio-script tests/conformance/runner/vfio-script.c, and name it with --runner";
        if (runner is null) throw CommandFailure.Usage("--through run needs the compiled C runner", Remedy);
        if (!File.Exists(runner)) throw CommandFailure.Usage($"the runner '{runner}' does not exist", Remedy);
        return new SupervisedRunner(machine, Path.GetFullPath(runner), limit);
    }

    /// <inheritdoc/>
    public ScenarioOutput Run(Scenario scenario)
    {
        string folder = Directory.CreateTempSubdirectory("vfio-").FullName;
        try
        {
            string aliases = Path.Combine(folder, "machine.txt"), output = Path.Combine(folder, "output.txt");
            File.WriteAllLines(aliases, _machine.Aliases.Select(alias => $"dev {alias.Name} {alias.Address}"));
            string limit = ((int)_limit.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
            using SoftwareHost host = MachineChoice.Start(_machine);
            int exit = RunCommand.Run(
                host, ["/bin/sh", "-c", Script, _runner, aliases, Path.GetFullPath(scenario.File), output, limit], new RunOptions());
            string? failure = exit == 0 ? null : $"the runner ended with exit code {exit}";
            return new ScenarioOutput(File.Exists(output) ? File.ReadAllText(output) : "", failure);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
