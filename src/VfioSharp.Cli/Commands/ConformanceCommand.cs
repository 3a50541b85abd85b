// SPDX-License-Identifier: MIT
using System.CommandLine;
using VfioSharp.Cli.Conformance;
using VfioSharp.Host.Machines;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio conformance</c>: scenarios against the answers that a real kernel gave.</summary>
internal static class ConformanceCommand
{
    private static readonly TimeSpan ScenarioLimit = TimeSpan.FromSeconds(60);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> machine = MachineChoice.CreateOption();
        Option<string> scenarios = new("--scenarios") { Description = "Folder of scenarios, NAME.vfio.", HelpName = "DIR", Required = true };
        Option<string> answers = new("--answers") { Description = "Folder of recorded answers, NAME.out.", HelpName = "DIR", Required = true };
        Option<string?> filter = new("--filter") { Description = "Only scenarios whose name matches; patterns joined by commas.", HelpName = "GLOB" };
        Option<string[]> later = new("--later") { Description = "Lines that are known to differ: SCENARIO:LINE  REASON. May be given several times.", HelpName = "FILE" };
        Option<string?> through = new("--through") { Description = "run: by the compiled C runner under 'vfio run'. Default: in this process.", HelpName = "run" };
        through.AcceptOnlyFromAmong("run");
        Option<string?> runner = new("--runner") { Description = "The compiled C runner for --through run.", HelpName = "PROGRAM" };
        Command command = new("conformance", "Run scenarios and compare their answers with those a real kernel gave.")
        {
            machine, scenarios, answers, filter, later, through, runner,
        };
        command.SetAction(parsed =>
        {
            MachineDescription description = MachineChoice.Load(parsed.GetValue(machine));
            LaterList known = LaterList.Load(parsed.GetValue(later) ?? []);
            IReadOnlyList<Scenario> found = Scenario.Find(
                parsed.GetRequiredValue(scenarios), parsed.GetRequiredValue(answers), parsed.GetValue(filter));
            IScenarioRunner how = parsed.GetValue(through) is null
                ? new InProcessRunner(description, ScenarioLimit)
                : SupervisedRunner.Create(description, parsed.GetValue(runner), ScenarioLimit);
            IReadOnlyList<ScenarioResult> results = ConformanceRun.Run(found, how, Progress(found.Count));
            bool passed = ConformanceReport.Print(results, known, Terminal.Output(parsed.InvocationConfiguration.Output));
            return passed ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    // Progress stands on one line of the terminal's diagnostics, and goes away.
    private static Action<int>? Progress(int count) => Console.IsErrorRedirected
        ? null
        : done => Console.Error.Write(done < count ? $"\r{done} of {count} scenarios" : "\r" + new string(' ', 40) + "\r");
}
