// SPDX-License-Identifier: MIT
using Spectre.Console;

namespace VfioSharp.Cli.Commands;

/// <summary>Makes consoles that colour only on a terminal, honour NO_COLOR, and never cut what is piped.</summary>
internal static class Terminal
{
    private const int PipeWidth = 4096;

    /// <summary>A console on a writer of the tool.</summary>
    /// <param name="writer">Where it writes.</param>
    /// <param name="redirected">Whether the stream behind the writer is no terminal.</param>
    public static IAnsiConsole Open(TextWriter writer, bool redirected)
    {
        bool plain = redirected || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });
        if (redirected) console.Profile.Width = PipeWidth;
        return console;
    }

    /// <summary>A console on standard output.</summary>
    public static IAnsiConsole Output(TextWriter writer) => Open(writer, Console.IsOutputRedirected);
}
