// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using VfioSharp.Cli.Commands;

namespace VfioSharp.Cli.Tests.Samples;

/// <summary>The steps of samples/ci's workflow, in a folder as a user's repository would be.</summary>
public sealed class CiSampleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vfiosharp-ci-").FullName;

    public CiSampleTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "vfio run needs x86-64 Linux");
        foreach (string file in Directory.GetFiles(Sample)) File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        File.CreateSymbolicLink(Path.Combine(_folder, "vfio"), Path.Combine(AppContext.BaseDirectory, "vfio"));
    }

    private static string Sample => Path.Combine(Repository, "samples/ci");

    private static string Repository
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "VfioSharp.slnx"))) folder = Path.GetDirectoryName(folder.TrimEnd('/'))!;
            return folder;
        }
    }

    [Fact]
    public async Task The_workflows_steps_run_a_test_on_x86_and_on_POWER_and_keep_traces()
    {
        (int code, string output) = await Run(Step("gcc "));
        Assert.SkipWhen(code == 127, "gcc is not installed");
        Assert.True(code == 0, output);
        (code, output) = await Run(Step("VFIO="));
        Assert.SkipWhen(output.Contains($"exit code {ExitCodes.Environment}\n", StringComparison.Ordinal), output);
        Assert.True(code == 0, output);
        foreach (string machine in (string[])["x86", "pseries", "powernv"])
        {
            Assert.Contains($"== {machine}: passed\n", output, StringComparison.Ordinal);
            using JsonDocument trace = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "vfio-traces", machine + ".json"), TestContext.Current.CancellationToken));
            Assert.Contains(trace.RootElement.EnumerateArray(), slice => slice.GetProperty("name").GetString() == "IOMMU_MAP_DMA");
        }

        Assert.Contains("ok      the IOMMU is sPAPR TCE v2\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_that_fails_fails_the_step_and_the_others_are_still_run()
    {
        (int code, string output) = await Run("VFIO=./vfio ./run-vfio-tests.sh sh -c 'test \"$DEVICE\" != 0000:03:00.0'");
        Assert.SkipWhen(output.Contains($"exit code {ExitCodes.Environment}\n", StringComparison.Ordinal), output);
        Assert.Equal(1, code);
        Assert.Contains("== x86: failed with exit code 1\n", output, StringComparison.Ordinal);
        Assert.Contains("== powernv: passed\n", output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // The one line of the workflow that begins so.
    private static string Step(string beginning) => Assert.Single(
        File.ReadLines(Path.Combine(Sample, "vfio.yml")).Select(line => line.Trim()),
        line => line.StartsWith("run: " + beginning, StringComparison.Ordinal))["run: ".Length..];

    private async Task<(int Code, string Output)> Run(string command)
    {
        using Process shell = Process.Start(new ProcessStartInfo("sh", ["-c", $"{{ {command}; }} 2>&1"]) { WorkingDirectory = _folder, RedirectStandardOutput = true })!;
        string output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (shell.ExitCode, output);
    }
}
