// SPDX-License-Identifier: MIT
using System.Text.Json;
using VfioSharp.Cli.Commands;
using VfioSharp.Host;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Tests.Demo;

public sealed class DemoTests
{
    [Fact]
    public void Demo_gives_what_it_should()
    {
        (int code, string output) = Run(kernel => kernel);
        Assert.True(code == ExitCodes.Success, output);
        Assert.DoesNotContain("WRONG", output, StringComparison.Ordinal);
        Assert.Contains("3628800", output, StringComparison.Ordinal);
        Assert.Equal(3, output.Split("reason: ").Length - 1);
    }

    [Fact]
    public void Demo_json_has_every_step()
    {
        (int code, string output) = Run(kernel => kernel, json: true);
        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement root = document.RootElement;
        Assert.Equal(ExitCodes.Success, code);
        Assert.True(root.GetProperty("ok").GetBoolean());
        Assert.Equal(13, root.GetProperty("steps").GetArrayLength());
        Assert.All(root.GetProperty("steps").EnumerateArray(), step => Assert.True(step.GetProperty("ok").GetBoolean()));
    }

    [Fact]
    public void Demo_notices_a_refusal_that_is_not_made()
    {
        (int code, string output) = Run(kernel => new ChangedKernel(kernel) { AgreesToMapAt = 0xfee00000 });
        Assert.Equal(ExitCodes.Failure, code);
        Assert.Contains("WRONG 12 refusal    MAP_DMA at iova 0xfee00000, which lies in the MSI window, was not refused", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Demo_without_an_edu_says_so()
    {
        (int code, string output) = Run(kernel => new ChangedKernel(kernel) { HasNoDevices = true });
        Assert.Equal(ExitCodes.Failure, code);
        Assert.Contains("WRONG  1 find       the software host x86 has no device 1234:11e8 (edu)", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Demo_notices_an_interrupt_that_does_not_come()
    {
        (int code, string output) = Run(kernel => new ChangedKernel(kernel) { LosesInterrupts = true });
        Assert.Equal(ExitCodes.Failure, code);
        Assert.Contains("edu raised no interrupt", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("powernv")]
    [InlineData("pseries")]
    public void Demo_on_POWER_uses_both_windows_and_recovers_from_a_freeze(string machine)
    {
        (int code, string output) = Run(kernel => kernel, machine: machine);
        Assert.True(code == ExitCodes.Success, output);
        Assert.DoesNotContain("WRONG", output, StringComparison.Ordinal);
        Assert.Contains("in the dynamic window", output, StringComparison.Ordinal);
        Assert.Contains("GET_STATE says Stopped", output, StringComparison.Ordinal);
        Assert.Contains("locked memory 0x0 bytes, nothing left over", output, StringComparison.Ordinal);
        Assert.Equal(3, output.Split("reason: ").Length - 1);
    }

    [Theory]
    [InlineData("powernv9-4k", "GET_STATE says Stopped")]
    [InlineData("powernv9-64k", "GET_STATE says Stopped")]
    [InlineData("pseries-4k", "errors of this endpoint are not handled")]
    [InlineData("pseries-64k", "errors of this endpoint are not handled")]
    public void Demo_on_POWER_does_what_the_machine_can(string machine, string errors)
    {
        (int code, string output) = Run(kernel => kernel, machine: machine);
        Assert.True(code == ExitCodes.Success, output);
        Assert.Contains("in the dynamic window", output, StringComparison.Ordinal);
        Assert.Contains(errors, output, StringComparison.Ordinal);
        Assert.Contains("locked memory 0x0 bytes, nothing left over", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Demo_on_POWER_notices_a_mapping_that_is_not_made()
    {
        (int code, string output) = Run(kernel => new ChangedKernel(kernel) { AgreesToMapAt = 0x100000 }, machine: "pseries");
        Assert.Equal(ExitCodes.Failure, code);
        Assert.Contains("they differ", output, StringComparison.Ordinal);
    }

    private static (int Code, string Output) Run(Func<IVfioKernel, IVfioKernel> change, bool json = false, string? machine = null)
    {
        using SoftwareHost host = MachineChoice.Start(MachineChoice.Load(machine));
        using var software = new SoftwareKernel(host);
        using IVfioKernel kernel = change(software);
        using var output = new StringWriter();
        int code = DemoCommand.Run(kernel, json, output, () => software.Process.Caller.Locked.Bytes);
        return (code, output.ToString());
    }
}
