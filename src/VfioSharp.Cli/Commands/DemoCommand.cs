// SPDX-License-Identifier: MIT
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using VfioSharp.Cli.Demo;
using VfioSharp.Cli.Demo.Guests;
using VfioSharp.Host;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio demo</c>: the main job on the software host, each step checked and printed.</summary>
internal static class DemoCommand
{
    private const string Software = "software", Linux = "linux";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> machine = MachineChoice.CreateOption();
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Option<bool> guest = new("--guest") { Description = "A guest with assigned devices: firmware, DMA, interrupts, hot-plug." };
        Option<string> on = new("--kernel") { Description = "What it runs on.", HelpName = "software|linux", DefaultValueFactory = _ => Software };
        on.AcceptOnlyFromAmong(Software, Linux);
        Command command = new("demo", "The main job on the software host, start to end: a group, DMA, an interrupt, refusals; on POWER windows and a freeze.") { machine, guest, on, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(on) == Linux)
            {
                using LinuxKernel linux = new();
                return Run(linux, parsed.GetValue(json), parsed.InvocationConfiguration.Output, Maker(linux, parsed.GetValue(guest)));
            }

            using SoftwareHost host = MachineChoice.Start(MachineChoice.Load(parsed.GetValue(machine)));
            using SoftwareKernel kernel = new(host, "demo");
            return Run(kernel, parsed.GetValue(json), parsed.InvocationConfiguration.Output, Maker(kernel, parsed.GetValue(guest), () => kernel.Process.Caller.Locked.Bytes));
        });
        return command;
    }

    /// <summary>Runs the demo on a kernel.</summary>
    internal static int Run(IVfioKernel kernel, bool json, TextWriter output, Func<ulong>? lockedBytes = null) =>
        Run(kernel, json, output, Maker(kernel, isGuest: false, lockedBytes));

    /// <summary>Runs the demo of a guest on a kernel.</summary>
    internal static int RunGuest(IVfioKernel kernel, bool json, TextWriter output) => Run(kernel, json, output, Maker(kernel, isGuest: true));

    private static int Run(IVfioKernel kernel, bool json, TextWriter output, Func<Action<DemoStep>, DemoRun> make)
    {
        DemoPrinter? printer = json ? null : new DemoPrinter(Terminal.Output(output));
        printer?.Begin(kernel);
        var steps = new List<DemoStep>();
        long start = Stopwatch.GetTimestamp();
        bool ok;
        using (DemoRun run = make(step =>
        {
            steps.Add(step);
            printer?.Print(step);
        }))
        {
            ok = run.Run();
        }

        DemoReport report = new(kernel.Name, steps, ok, Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 3));
        printer?.End(report);
        if (json) output.WriteLine(JsonSerializer.Serialize(report, DemoJson.Default.DemoReport));
        return ok ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static Func<Action<DemoStep>, DemoRun> Maker(IVfioKernel kernel, bool isGuest, Func<ulong>? lockedBytes = null) =>
        done => isGuest ? new GuestDemo(kernel, done) : DemoRun.Create(kernel, done, lockedBytes);
}
