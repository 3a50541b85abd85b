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

    private static (int Code, string Output) Run(Func<IVfioKernel, IVfioKernel> change, bool json = false)
    {
        using SoftwareHost host = MachineChoice.Start(MachineChoice.Load(null));
        using IVfioKernel kernel = change(new SoftwareKernel(host));
        using var output = new StringWriter();
        int code = DemoCommand.Run(kernel, json, output);
        return (code, output.ToString());
    }
}
