// SPDX-License-Identifier: MIT
using Microsoft.Win32.SafeHandles;
using VfioSharp.Cli.Commands;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Sysfs;
using VfioSharp.Supervisor;

namespace VfioSharp.Cli.Conformance;

/// <summary>Runs scenarios by the compiled C runner under <c>vfio run</c>, one host and one program each.</summary>
internal sealed class SupervisedRunner : IScenarioRunner
{
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
            string aliases = Path.Combine(folder, "machine.txt"), text = Path.Combine(folder, "output.txt");
            File.WriteAllLines(aliases, _machine.Aliases.Select(alias => $"dev {alias.Name} {alias.Address}"));
            string? failure;
            using (SafeFileHandle input = File.OpenHandle(WithFreeze(scenario.File, folder)))
            using (SafeFileHandle output = File.OpenHandle(text, FileMode.Create, FileAccess.Write))
            using (CancellationTokenSource limit = new(_limit))
            using (SoftwareHost host = MachineChoice.Start(_machine))
            {
                RunOptions options = new() { Input = input, Output = output, Cancellation = limit.Token };
                int exit = RunCommand.Run(host, [_runner, aliases], options);
                failure = limit.IsCancellationRequested ? $"did not end within {_limit.TotalSeconds:0} s"
                    : exit == 0 ? null : $"the runner ended with exit code {exit}";
            }

            return new ScenarioOutput(File.ReadAllText(text), failure);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Scenarios of POWER's error handling call a program of the recorded machine, which pokes the host bridge. Here it
    // is one that asks the software host for the same.
    private string WithFreeze(string scenario, string folder)
    {
        const string Call = "\"/freeze ";
        string text = File.ReadAllText(scenario);
        if (!text.Contains(Call, StringComparison.Ordinal)) return scenario;
        string program = Path.Combine(folder, "freeze"), changed = Path.Combine(folder, "scenario.vfio");
        IEnumerable<string> cases = _machine.Aliases.Select(alias => $"{alias.Name}) address={alias.Address} ;;");

        // tee opens the file itself: a shell would redirect its own output, which is not served.
        File.WriteAllText(program, $"case \"$1\" in\n{string.Join('\n', cases)}\n*) exit 1 ;;\nesac\necho \"$address $2\" | tee {SysfsModel.FreezeFile} > /dev/null\n");
        File.WriteAllText(changed, text.Replace(Call, $"\"sh {program} ", StringComparison.Ordinal));
        return changed;
    }
}
