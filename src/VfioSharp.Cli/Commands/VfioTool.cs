// SPDX-License-Identifier: MIT
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;

namespace VfioSharp.Cli.Commands;

/// <summary>The <c>vfio</c> tool: its commands, and how every failure is told.</summary>
internal static class VfioTool
{
    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">The words after the tool's name.</param>
    /// <param name="output">Where data goes.</param>
    /// <param name="error">Where diagnostics go.</param>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        ParseResult parsed = Build().Parse(arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
        {
            // The last says most: a word that is no command comes after "a command is required".
            error.WriteLine($"vfio: {OneLine(parsed.Errors[^1].Message)}");
            error.WriteLine($"remedy: {Path(parsed.CommandResult)} --help shows what is expected");
            return ExitCodes.Usage;
        }

        InvocationConfiguration configuration = new() { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        try
        {
            return parsed.Invoke(configuration);
        }
        catch (CommandFailure failure)
        {
            return Tell(error, failure.Message, failure.Remedy, failure.ExitCode);
        }
        catch (Exception unexpected) when (unexpected is not OutOfMemoryException)
        {
            if (Environment.GetEnvironmentVariable("VFIO_DEBUG") == "1") error.WriteLine(unexpected);
            return Tell(
                error,
                $"internal error: {unexpected.GetType().Name}: {unexpected.Message}",
                "please report it with the command line; VFIO_DEBUG=1 shows where it happened",
                ExitCodes.Failure);
        }
        finally
        {
            output.Flush();
        }
    }

    /// <summary>The command tree.</summary>
    internal static RootCommand Build()
    {
        RootCommand root = new("VFIO without hardware: a software host that answers as Linux does, and tools for it.")
        {
            DemoCommand.Create(),
            RunCommand.Create(),
            HostCommand.Create(),
            DoctorCommand.Create(),
            ShowCommand.Create(),
            SnapshotCommand.Create(),
            LimitsCommand.Create(),
            ScriptCommand.Create(),
            ConformanceCommand.Create(),
            GuestTraceCommand.Create(),
        };
        HelpWithExamples.Install(root);
        return root;
    }

    private static int Tell(TextWriter error, string cause, string remedy, int exitCode)
    {
        error.WriteLine($"vfio: {OneLine(cause)}");
        error.WriteLine($"remedy: {remedy}");
        return exitCode;
    }

    private static string Path(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "vfio";

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
