// SPDX-License-Identifier: MIT
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using VfioSharp.Cli.Commands;
using VfioSharp.Host;
using VfioSharp.Kernel;
using VfioSharp.Supervisor;

namespace VfioSharp.Cli.Tests.Demo;

/// <summary>The scripted guest: its firmware and drivers on every ready machine, in this process and by system calls.</summary>
public sealed class GuestDemoTests
{
    [Theory]
    [InlineData("x86", 15)]
    [InlineData("powernv9-4k", 17)]
    [InlineData("powernv9-64k", 17)]
    [InlineData("pseries-4k", 17)]
    [InlineData("pseries-64k", 17)]
    [InlineData("powernv", 14)]
    [InlineData("pseries", 14)]
    public void Guest_gets_what_it_should_on_every_machine(string machine, int steps)
    {
        (int code, string output) = Run(machine, kernel => kernel, json: true);
        Assert.True(code == ExitCodes.Success, output);
        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement root = document.RootElement;
        Assert.True(root.GetProperty("ok").GetBoolean(), output);
        Assert.Equal(steps, root.GetProperty("steps").GetArrayLength());
    }

    [Theory]
    [InlineData("powernv")]
    [InlineData("pseries")]
    public void Guest_recovers_from_a_freeze_by_RTAS(string machine)
    {
        (int code, string output) = Run(machine, kernel => kernel);
        Assert.True(code == ExitCodes.Success, output);
        Assert.Contains("a register read 0xffffffff, ibm,read-slot-reset-state2 said Stopped; reset and configured by RTAS it says Normal", output, StringComparison.Ordinal);
    }

    [Fact]
    public void MSIX_that_cannot_grow_is_set_up_anew_and_each_used_vector_is_notified_each_time()
    {
        (int code, string output) = Run("powernv9-4k", kernel => kernel);
        Assert.True(code == ExitCodes.Success, output);
        Assert.Contains("at start, 4 of 16 vectors were used one after the other; messages of each as they grew: 1/0/0/0, 2/1/0/0, 3/2/1/0, 4/3/2/1", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Guest_notices_an_interrupt_that_does_not_come()
    {
        (int code, string output) = Run("x86", kernel => new ChangedKernel(kernel) { LosesInterrupts = true });
        Assert.Equal(ExitCodes.Failure, code);
        Assert.Contains("WRONG", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Guest_notices_a_mapping_that_is_not_made()
    {
        (int code, string output) = Run("pseries-4k", kernel => new ChangedKernel(kernel) { AgreesToMapAt = 0 });
        Assert.Equal(ExitCodes.Failure, code);
        Assert.Contains("they differ", output, StringComparison.Ordinal);
    }

    // The library as the unmodified program of somebody else: by system calls, which are served as vfio run serves them.
    [Theory]
    [InlineData("x86")]
    [InlineData("powernv9-64k")]
    [InlineData("pseries-4k")]
    [InlineData("pseries")]
    public void Guest_gets_what_it_should_by_system_calls_of_Linux(string machine)
    {
        string tool = Path.Combine(AppContext.BaseDirectory.Replace("VfioSharp.Cli.Tests", "VfioSharp.Cli", StringComparison.Ordinal), "vfio");
        string file = Path.GetTempFileName();
        try
        {
            int code;
            using (SafeFileHandle output = File.OpenHandle(file, FileMode.Append, FileAccess.Write))
            using (SoftwareHost host = MachineChoice.Start(MachineChoice.Load(machine)))
                code = ProgramSupervisor.Run(host, [tool, "demo", "--guest", "--kernel", "linux"], new RunOptions { Output = output, Error = output });
            string text = File.ReadAllText(file);
            Assert.True(code == ExitCodes.Success, text);
            Assert.Contains("VFIO on Linux", text, StringComparison.Ordinal);
            Assert.DoesNotContain("WRONG", text, StringComparison.Ordinal);
        }
        catch (SupervisorException refused)
        {
            Assert.Skip(refused.Message);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static (int Code, string Output) Run(string machine, Func<IVfioKernel, IVfioKernel> change, bool json = false)
    {
        using SoftwareHost host = MachineChoice.Start(MachineChoice.Load(machine));
        using SoftwareKernel kernel = new(host, "guest");
        using StringWriter output = new();
        int code = DemoCommand.RunGuest(change(kernel), json, output);
        return (code, output.ToString());
    }
}
