// SPDX-License-Identifier: MIT
using System.CommandLine;
using VfioSharp.Cli.Lspci;
using VfioSharp.Cli.Snapshots;
using VfioSharp.Devices;
using VfioSharp.Host;
using VfioSharp.Host.Machines;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio snapshot</c>: a machine file of what <c>lspci</c> printed on a real machine.</summary>
internal static class SnapshotCommand
{
    private const string HowToPrint = "make it as root: lspci -xxxx -vvv > FILE";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "What lspci -xxxx -vvv printed; - for standard input." };
        Option<string?> output = new("--output", "-o") { Description = "Where the machine file goes; standard output without it.", HelpName = "FILE" };
        Option<string?> name = new("--name") { Description = "What the machine is called; else the file's name.", HelpName = "NAME" };
        Command command = new("snapshot", "Turn lspci's output of a real machine into a machine file.") { file, output, name };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(file), parsed.GetValue(output), parsed.GetValue(name),
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string file, string? output, string? name, TextWriter standardOutput, TextWriter error)
    {
        string machineName = name ?? (file == "-" ? "snapshot" : Path.GetFileNameWithoutExtension(file));
        List<string> notes = [];
        string json;
        try
        {
            IReadOnlyList<LspciFunction> functions = LspciParser.Parse(ReadAll(file), file, notes);
            json = MachineWriter.Write(SnapshotMachine.Build(machineName, functions, notes));
            MachineDescription machine = MachineFile.Parse(System.Text.Encoding.UTF8.GetBytes(json), machineName, DeviceCatalog.Default);
            using SoftwareHost host = MachineChoice.Start(machine);
            SnapshotMachine.CompareGroups(functions, host.Platform.Groups, notes);
        }
        catch (LspciFormatException problem)
        {
            throw CommandFailure.Usage(problem.Message, HowToPrint);
        }
        catch (MachineFormatException problem)
        {
            throw CommandFailure.Usage($"{file} makes no machine: {problem.Message}", HowToPrint);
        }

        foreach (string note in notes) error.WriteLine($"note: {note}");
        if (output is null)
        {
            standardOutput.Write(json);
            return ExitCodes.Success;
        }

        try
        {
            File.WriteAllText(output, json);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"{output} cannot be written: {cause.Message}", "name a file in a folder that may be written");
        }

        return ExitCodes.Success;
    }

    private static string ReadAll(string file)
    {
        try
        {
            return file == "-" ? Console.In.ReadToEnd() : File.ReadAllText(file);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"{file} cannot be read: {cause.Message}", HowToPrint);
        }
    }
}
