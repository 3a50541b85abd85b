// SPDX-License-Identifier: MIT
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using VfioSharp.Cli.Demo;
using VfioSharp.Host;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio demo</c>: the main job on the software host, each step checked and printed.</summary>
internal static class DemoCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> machine = MachineChoice.CreateOption();
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Command command = new("demo", "The main job on the software host, start to end: a group, DMA, an interrupt, refusals; on POWER windows and a freeze.") { machine, json };
        command.SetAction(parsed =>
        {
            using SoftwareHost host = MachineChoice.Start(MachineChoice.Load(parsed.GetValue(machine)));
            using SoftwareKernel kernel = new(host, "demo");
            return Run(kernel, parsed.GetValue(json), parsed.InvocationConfiguration.Output, () => kernel.Process.Caller.Locked.Bytes);
        });
        return command;
    }

    /// <summary>Runs the demo on a kernel.</summary>
    internal static int Run(IVfioKernel kernel, bool json, TextWriter output, Func<ulong>? lockedBytes = null)
    {
        DemoPrinter? printer = json ? null : new DemoPrinter(Terminal.Output(output));
        printer?.Begin(kernel.Name);
        var steps = new List<DemoStep>();
        long start = Stopwatch.GetTimestamp();
        bool ok;
        using (DemoRun run = DemoRun.Create(
            kernel,
            step =>
            {
                steps.Add(step);
                printer?.Print(step);
            },
            lockedBytes))
        {
            ok = run.Run();
        }

        DemoReport report = new(kernel.Name, steps, ok, Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 3));
        printer?.End(report);
        if (json) output.WriteLine(JsonSerializer.Serialize(report, DemoJson.Default.DemoReport));
        return ok ? ExitCodes.Success : ExitCodes.Failure;
    }
}
