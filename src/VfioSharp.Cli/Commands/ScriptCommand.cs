// SPDX-License-Identifier: MIT
using System.CommandLine;
using VfioSharp.Cli.Scripts;
using VfioSharp.Host;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Machines;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio script FILE</c>: runs a scenario and prints what the recorded runner prints.</summary>
internal static class ScriptCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "The scenario; - is standard input." };
        Option<string> machine = MachineChoice.CreateOption();
        Command command = new("script", "Run a scenario on a fresh software host and print its answers.") { file, machine };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(file), parsed.GetValue(machine), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(string file, string? machineName, TextWriter output)
    {
        string text = Read(file);
        MachineDescription machine = MachineChoice.Load(machineName);
        using SoftwareHost host = MachineChoice.Start(machine);
        using SoftwareProcess process = host.CreateProcess("script");
        ScriptRunner runner = new(process, MachineChoice.Aliases(machine), output);
        foreach (ScriptLine line in ScriptParser.Parse(text))
        {
            runner.Run(line);
            output.Flush();
        }

        return ExitCodes.Success;
    }

    private static string Read(string file)
    {
        if (file == "-") return Console.In.ReadToEnd();
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"the script '{file}' cannot be read: {problem.Message}", "name a readable file, or - for standard input");
        }
    }
}
