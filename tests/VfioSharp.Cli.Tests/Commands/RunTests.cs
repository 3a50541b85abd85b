// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
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
    public async Task A_missing_program_is_one_line_of_cause_and_one_of_remedy()
    {
        using Process vfio = Start("run", "--", "no-such-program");
        string error = await vfio.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await vfio.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.Usage, vfio.ExitCode);
        Assert.Equal(2, error.TrimEnd('\n').Split('\n').Length);
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
