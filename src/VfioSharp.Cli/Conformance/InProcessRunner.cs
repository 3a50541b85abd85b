// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Scripts;
using VfioSharp.Host;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Machines;

namespace VfioSharp.Cli.Conformance;

/// <summary>Runs scenarios on software hosts in this process, one host each.</summary>
internal sealed class InProcessRunner(MachineDescription machine, TimeSpan limit) : IScenarioRunner
{
    private readonly ScriptMachine _aliases = MachineChoice.Aliases(machine);

    /// <inheritdoc/>
    public ScenarioOutput Run(Scenario scenario)
    {
        IReadOnlyList<ScriptLine> lines = ScriptParser.Parse(File.ReadAllText(scenario.File));
        StringWriter text = new();
        TextWriter shared = TextWriter.Synchronized(text);
        string? failure = null;

        // A thread of its own, which can be given up when a wait inside the host never ends.
        Thread thread = new(() => failure = RunLines(lines, shared)) { IsBackground = true, Name = scenario.Name };
        thread.Start();
        if (!thread.Join(limit)) failure = $"did not end within {limit.TotalSeconds:0} s";
        lock (shared) return new ScenarioOutput(text.ToString(), failure);
    }

    private string? RunLines(IReadOnlyList<ScriptLine> lines, TextWriter output)
    {
        int number = 0;
        try
        {
            using SoftwareHost host = MachineChoice.Start(machine);
            using SoftwareProcess process = host.CreateProcess("script");
            ScriptRunner runner = new(process, _aliases, output);
            foreach (ScriptLine line in lines)
            {
                number = line.Number;
                runner.Run(line);
            }

            return null;
        }
        catch (Exception escaped) when (escaped is not OutOfMemoryException)
        {
            // The host promises that no exception escapes: one that does is a result of this scenario, not of all.
            return $"line {number}: {escaped.GetType().Name}: {escaped.Message} {escaped.StackTrace?.ReplaceLineEndings(" ")}";
        }
    }
}
