// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using VfioSharp.Cli.Commands;

namespace VfioSharp.Cli.Tests.Commands;

public sealed class RunTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public RunTests() => Assert.SkipUnless(
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "vfio run needs x86-64 Linux");

    [Fact]
    public async Task A_supervisor_that_is_killed_takes_the_program_along_and_says_so()
    {
        using Process vfio = Start("run", "--", "sh", "-c", "echo $$; while :; do :; done");
        string? line = await vfio.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        if (line is null)
        {
            await vfio.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.SkipWhen(vfio.ExitCode == ExitCodes.Environment, await vfio.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        }

        int program = int.Parse(line!, CultureInfo.InvariantCulture);
        vfio.Kill();
        string error = await vfio.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.StartsWith("vfio run: the supervisor died;", error, StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => HasEnded(program), Patience));
    }

    [Fact]
    public async Task A_run_that_a_shell_stops_goes_on_where_it_was()
    {
        // Jobs of a shell have process groups of their own, to all of which a terminal's Ctrl-Z and "fg" go.
        const string Shell =
            """
            set -m
            "$0" run -- sh -c 'echo > "$1"; i=0; while [ $i -lt 40 ]; do [ -e /dev/vfio/vfio ] || exit 3; i=$((i+1)); sleep 0.05; done; echo done' sh "$1" &
            until [ -s "$1" ]; do sleep 0.1; done
            kill -TSTP -- -$!
            until jobs -l | grep -q Stopped; do sleep 0.1; done
            echo stopped
            kill -CONT -- -$!
            wait $!
            echo "ended $?"
            """;
        string started = Path.GetTempFileName();
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-c", Shell, Path.Combine(AppContext.BaseDirectory, "vfio"), started]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        File.Delete(started);
        Assert.Equal("stopped\ndone\nended 0\n", output);
    }

    [Fact]
    public async Task A_missing_program_is_one_line_of_cause_and_one_of_remedy()
    {
        using Process vfio = Start("run", "--", "no-such-program");
        string error = await vfio.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await vfio.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.Usage, vfio.ExitCode);
        Assert.Equal(2, error.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public async Task Trace_and_statistics_of_a_run_are_written_and_the_exit_code_passed_through()
    {
        string file = Path.GetTempFileName();
        try
        {
            using Process vfio = Start("run", "--trace", file, "--trace-format", "jsonl", "--stats", "--", "sh", "-c", "true < /dev/vfio/vfio; true < /dev/vfio/999; exit 7");
            string error = await vfio.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await vfio.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.SkipWhen(vfio.ExitCode == ExitCodes.Environment, error);
            Assert.Equal(7, vfio.ExitCode);
            List<JsonNode> events = [.. File.ReadLines(file).Select(line => JsonNode.Parse(line)!).Where(node => ((string?)node["path"])!.StartsWith("/dev/vfio", StringComparison.Ordinal))];
            Assert.Equal(["/dev/vfio/vfio", "/dev/vfio/999"], events.Select(node => (string?)node["path"]));
            Assert.Equal("ENOENT", (string?)events[1]["errno"]);
            Assert.Matches(@"vfio:   open +\d+ +1 ", error);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "vfio"), arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    // Gone, or dead and not yet waited for by whoever inherited it.
    private static bool HasEnded(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Split(' ')[2] == "Z";
        }
        catch (IOException)
        {
            return true;
        }
    }
}
