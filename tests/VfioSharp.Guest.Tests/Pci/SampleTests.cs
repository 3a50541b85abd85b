// SPDX-License-Identifier: MIT
using System.Diagnostics;

namespace VfioSharp.Guest.Tests.Pci;

/// <summary>The sample of docs/guest.md, as a program of its own.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task Tiny_monitor_runs_edu_by_DMA_and_interrupts()
    {
        string sample = Path.Combine(AppContext.BaseDirectory.Replace("VfioSharp.Guest.Tests", "TinyMonitor", StringComparison.Ordinal), "TinyMonitor");
        using var program = Process.Start(new ProcessStartInfo(sample) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", await errors);
        Assert.Equal(0, program.ExitCode);
        Assert.Contains("edu0: 0000:03:00.0 (group 15, guest), software host x86", output, StringComparison.Ordinal);
        Assert.Contains("\"carried by DMA\" and back, 2 interrupts", output, StringComparison.Ordinal);
    }
}
