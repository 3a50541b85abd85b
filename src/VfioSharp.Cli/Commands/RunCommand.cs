// SPDX-License-Identifier: MIT
using System.CommandLine;
using System.CommandLine.Parsing;
using VfioSharp.Cli.HostControl;
using VfioSharp.Cli.Tracing;
using VfioSharp.Host;
using VfioSharp.Linux;
using VfioSharp.Supervisor;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio run -- PROGRAM ARGS</c>: an unmodified program on the software host.</summary>
internal static class RunCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> machine = MachineChoice.CreateOption();
        Option<bool> explain = new("--explain") { Description = "Print each refused call, with its reason and the remedy, on standard error." };
        Option<string> trace = RunTracing.CreateFileOption();
        Option<string> traceFormat = RunTracing.CreateFormatOption();
        Option<bool> statistics = RunTracing.CreateStatisticsOption();
        Option<string> trap = new("--trap") { Description = "auto: accesses to mapped registers of devices are carried out, by tracing the program. off: they raise SIGBUS.", HelpName = "auto|off", DefaultValueFactory = _ => "auto" };
        trap.AcceptOnlyFromAmong("auto", "off");
        Option<string?> on = new("--host") { Description = "Run it on the host of that name (vfio host start), beside other programs.", HelpName = "NAME" };
        Option<ulong?> memlock = new("--memlock")
        {
            Description = "How much memory the program may lock for DMA, instead of what RLIMIT_MEMLOCK and CAP_IPC_LOCK say.",
            HelpName = "BYTES|unlimited",
            CustomParser = ReadLimit,
        };
        Argument<string[]> program = new("PROGRAM") { Description = "The program and its arguments, after --.", Arity = ArgumentArity.OneOrMore };
        Command command = new("run", "Run an unmodified VFIO program on the software host; its exit code is passed through.")
        {
            machine, on, explain, trace, traceFormat, statistics, trap, memlock, program,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(on) is null) return;
            if (result.GetResult(machine) is { Implicit: false }) result.AddError("--host and --machine exclude each other: a host has its machine.");
        });
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(on) is { } name)
            {
                return HostClient.Run(name, parsed.GetRequiredValue(program), new HostRunOptions(
                    parsed.GetValue(explain), parsed.GetValue(trap) != "off", parsed.GetValue(trace), parsed.GetValue(traceFormat), parsed.GetValue(statistics), parsed.GetValue(memlock)));
            }

            TextWriter error = TextWriter.Synchronized(parsed.InvocationConfiguration.Error);
            using SoftwareHost host = MachineChoice.Start(MachineChoice.Load(parsed.GetValue(machine)));
            using RunTracing tracing = RunTracing.Start(
                parsed.GetValue(trace), parsed.GetValue(traceFormat), parsed.GetValue(statistics), host.PageSize, error);
            host.Observer = tracing.Sink;
            RunOptions options = new()
            {
                Explain = parsed.GetValue(explain) ? line => error.WriteLine($"vfio: {line}") : null,
                TrapsMappedRegisters = parsed.GetValue(trap) != "off",
                LockedMemoryLimit = parsed.GetValue(memlock),
                Trace = tracing.Sink,
                Report = line => error.WriteLine($"vfio: {line}"),
            };
            int code = Run(host, parsed.GetRequiredValue(program), options);
            host.Observer = null;
            foreach (string line in tracing.Lines()) error.WriteLine($"vfio: {line}");
            return code;
        });
        return command;
    }

    private static ulong? ReadLimit(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (text == "unlimited") return ProcessCredentials.Unlimited;
        if (ByteCount.TryParse(text, out ulong bytes)) return bytes;
        argument.AddError($"--memlock {text} is no number of bytes; write 512M, 2G or unlimited.");
        return null;
    }

    /// <summary>Runs a program, telling set-up problems as the tool does.</summary>
    internal static int Run(SoftwareHost host, IReadOnlyList<string> command, RunOptions options)
    {
        try
        {
            return ProgramSupervisor.Run(host, command, options);
        }
        catch (SupervisorException problem)
        {
            throw new CommandFailure(problem.IsCommandWrong ? ExitCodes.Usage : ExitCodes.Environment, problem.Cause, problem.Remedy);
        }
    }
}
