// SPDX-License-Identifier: MIT
using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using VfioSharp.Cli.Doctor;
using VfioSharp.Host;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio doctor</c>: what <c>vfio run</c> needs of this computer, and the remedy where it lacks something.</summary>
internal static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Command command = new("doctor", "Check what 'vfio run' needs of this computer, and tell the remedy where something is missing.") { json };
        command.SetAction(parsed =>
        {
            using SoftwareHost host = MachineChoice.Start(MachineChoice.Load(null));
            DoctorReport report = DoctorChecks.Run(host);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(report, DoctorJson.Default.DoctorReport));
            else Print(report, Terminal.Output(output));
            return report.Works ? ExitCodes.Success : ExitCodes.Environment;
        });
        return command;
    }

    private static void Print(DoctorReport report, IAnsiConsole console)
    {
        foreach (DoctorCheck check in report.Checks)
        {
            (string word, Color color) = check.State switch
            {
                DoctorState.Ok => ("ok", Color.Green),
                DoctorState.Warning => ("warning", Color.Yellow),
                _ => ("FAILED", Color.Red),
            };
            console.Write(new Text($"  {word,-8}", new Style(color)));
            console.Write(new Text($"{check.Name,-12}{check.Found}\n"));
            if (check.Remedy is not null) console.Write(new Text($"          remedy: {check.Remedy}\n"));
        }

        console.Write(new Text(report.Works ? "\nvfio run works here\n" : "\nvfio run does not work here\n"));
    }
}
