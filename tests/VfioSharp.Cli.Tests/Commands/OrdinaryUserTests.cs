// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Runtime.InteropServices;
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Tests.Conformance;
using VfioSharp.Cli.Tests.Scripts;

namespace VfioSharp.Cli.Tests.Commands;

/// <summary>vfio run as a user who is not root: recorded answers, mapped registers, and the machine's sysfs.</summary>
[Collection(nameof(ThroughRunTests))]
public sealed class OrdinaryUserTests : IDisposable
{
    private const string Nobody = "65534";
    private readonly string _folder = Directory.CreateTempSubdirectory("vfio-user-").FullName;

    public OrdinaryUserTests()
    {
        Assert.SkipWhen(RecordedRunner.WhyNot is not null, RecordedRunner.WhyNot ?? "");
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "vfio run needs an x86-64 processor");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "these tests become another user, which root may; the other tests of vfio run are this user's already");
    }

    [Fact]
    public void Recorded_answers_are_the_same()
    {
        // What asks for capabilities or raises its limits is root's.
        (int code, string output) = Run(
            "conformance", "--through", "run", "--runner", Path.Combine(_folder, "runner"),
            "--scenarios", Path.Combine(_folder, "scenarios"), "--answers", Path.Combine(_folder, "answers"),
            "--filter", "edu-*,cfg-*,map-flags*,map-bad*,unmap-*,cfg-vbar-independent,mmap-small-bars,bar-msix-table,irq-intx*,map-overlap*,hot-reset*");
        Assert.True(code == ExitCodes.Success, output);
        Assert.Matches(@"scenarios: (\d+) of \1 identical", output);
    }

    [Fact]
    public void The_machines_files_are_seen()
    {
        (int code, string output) = Run("run", "--", "sh", "-c", "id -u; cat /sys/bus/pci/devices/0000:03:00.0/vendor; ls /dev/vfio/vfio");
        Assert.Equal((0, $"{Nobody}\n0x1234\n/dev/vfio/vfio\n"), (code, output));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (int Code, string Output) Run(params string[] arguments)
    {
        // The build may lie where only its owner reads.
        Copy(AppContext.BaseDirectory, Path.Combine(_folder, "tool"));
        Copy(RecordedAnswers.Scenarios("x86"), Path.Combine(_folder, "scenarios"));
        Copy(RecordedAnswers.Answers("x86"), Path.Combine(_folder, "answers"));
        File.Copy(RecordedRunner.Program, Path.Combine(_folder, "runner"));
        Execute("chmod", "-R", "a+rX", _folder);
        return Execute(
            "setpriv",
            [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "env", "HOME=" + Path.GetTempPath(), Path.Combine(_folder, "tool", "vfio"), .. arguments]);
    }

    private static (int Code, string Output) Execute(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static void Copy(string from, string to) => Execute("cp", "-r", from, to);
}
