// SPDX-License-Identifier: MIT
using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using VfioSharp.Cli.HostControl;
using VfioSharp.Host;
using VfioSharp.Host.Machines;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio host</c>: a software host of its own, which several programs use at once.</summary>
internal static class HostCommand
{
    private const string DefaultIova = "0xdead0000";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Command command = new("host", "A software host that several programs use at once; what happens to its hardware, on command.")
        {
            CreateStart(),
            CreateStatus(),
            CreateStop(),
            CreateEvent("attach", "Plug a device of the machine in that was detached.", HostVerb.Attach),
            CreateEvent("detach", "Draw a device: its user hears the REQ interrupt, and the command waits until it lets go.", HostVerb.Detach),
            CreateEvent("freeze", "POWER: an error stops the device's endpoint, all loads, stores and DMA (EEH).", HostVerb.Freeze),
            CreateInject(),
        };
        return command;
    }

    private static Command CreateStart()
    {
        Option<string> name = CreateName();
        Option<string> machine = MachineChoice.CreateOption();
        Option<bool> detach = new("--detach", "-d") { Description = "Run in the background; return as soon as programs can use it." };
        Command command = new("start", "Start a host. It runs until 'vfio host stop', Ctrl-C or SIGTERM; programs that still run then are killed.") { name, machine, detach };
        command.SetAction(parsed =>
        {
            string called = parsed.GetRequiredValue(name);
            // A machine that is wrong is told of here, not in a log.
            MachineDescription description = MachineChoice.Load(parsed.GetValue(machine));
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(detach)) return BackgroundHost.Start(called, parsed.GetValue(machine)!, output);
            using SoftwareHost host = MachineChoice.Start(description);
            using HostServer server = HostServer.Start(called, host, description);
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"host {called}: machine {description.Name}, process {Environment.ProcessId}"));
            output.Flush();
            server.Serve();
            return ExitCodes.Success;

            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = true;
                server.Stop();
            }
        });
        return command;
    }

    private static Command CreateStatus()
    {
        Option<string> name = CreateName();
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Command command = new("status", "Tell which programs run on a host, and who uses which group and device.") { name, json };
        command.SetAction(parsed =>
        {
            HostStatus status = HostClient.Ask(parsed.GetRequiredValue(name), new HostRequest(HostVerb.Status)).Status!;
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(status, HostListingJson.Default.HostStatus));
            else HostStatusPrinter.Print(status, Terminal.Output(output));
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command CreateStop()
    {
        Option<string> name = CreateName();
        Command command = new("stop", "End a host, and the programs that run on it.") { name };
        command.SetAction(parsed =>
        {
            HostClient.Ask(parsed.GetRequiredValue(name), new HostRequest(HostVerb.Stop));
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command CreateInject()
    {
        Option<int> vector = new("--vector") { Description = "Which MSI or MSI-X vector.", HelpName = "N", DefaultValueFactory = _ => 0 };
        Option<string> iova = new("--iova") { Description = "Where it reads.", HelpName = "ADDRESS", DefaultValueFactory = _ => DefaultIova };
        iova.Validators.Add(result =>
        {
            if (!ByteCount.TryParse(result.GetValueOrDefault<string>(), out _)) result.AddError("--iova takes an address such as 0x100000.");
        });
        return new Command("inject", "Make a device misbehave.")
        {
            CreateEvent(
                "irq", "An interrupt without a cause: the message its user enabled, else a pulse of INTx.", HostVerb.InjectInterrupt,
                vector, (parsed, request) => request with { Vector = parsed.GetValue(vector) }),
            CreateEvent("error", "An error that a PCI Express device reports (AER): its user hears the ERR interrupt.", HostVerb.InjectError),
            CreateEvent(
                "fault", "A DMA read from an address that is not mapped: recorded on x86, a freeze on POWER.", HostVerb.InjectFault,
                iova, (parsed, request) => request with { Iova = ByteCount.TryParse(parsed.GetRequiredValue(iova), out ulong address) ? address : 0 }),
        };
    }

    private static Command CreateEvent(
        string word, string description, HostVerb verb, Option? option = null, Func<ParseResult, HostRequest, HostRequest>? complete = null)
    {
        Argument<string> device = new("DEVICE") { Description = "A device by alias or address." };
        Option<string> name = CreateName();
        Command command = new(word, description) { device, name };
        if (option is not null) command.Options.Add(option);
        command.SetAction(parsed =>
        {
            HostRequest request = new(verb, parsed.GetRequiredValue(device));
            HostClient.Ask(parsed.GetRequiredValue(name), complete?.Invoke(parsed, request) ?? request);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Option<string> CreateName() => new("--name", "-n")
    {
        Description = "What the host is called.",
        HelpName = "NAME",
        DefaultValueFactory = _ => HostFolder.DefaultName,
    };
}
