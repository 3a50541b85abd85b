// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

public sealed class DeviceEventTests
{
    [Fact]
    public void Error_of_the_device_reaches_the_monitor()
    {
        using var machine = new PciMachine();
        machine.Add("host=5:0.0,id=nic");
        Assert.True(machine.Host.InjectError(PciMachine.Nic).IsSuccess);
        machine.Deliver();
        Assert.Equal(["nic error"], machine.News);
    }

    [Fact]
    public async Task Host_that_wants_the_device_back_asks_and_gets_it()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0,id=edu0");
        Task<KernelResult> detached = Task.Run(() => machine.Host.Detach(PciMachine.Edu), TestContext.Current.CancellationToken);
        while (machine.News.Count == 0) machine.Events.RunPending(TimeSpan.FromSeconds(1));
        Assert.Equal("edu0 unplug", machine.News[0]);
        machine.Bus.Remove(device);
        Assert.True((await detached).IsSuccess);
    }

    [Fact]
    public void Conventional_device_has_no_error_interrupt()
    {
        using var machine = new PciMachine();
        machine.Add("host=3:0.0");
        Assert.DoesNotContain(machine.Kernel.Take(), call => call.StartsWith("DEVICE_SET_IRQS ERR", StringComparison.Ordinal));
    }

    [Fact]
    public void Refused_notification_is_a_warning()
    {
        using var machine = new PciMachine();
        machine.Kernel.Answer = (request, argument) => request == VfioIoctl.DeviceSetIrqs && argument[8] == VfioPciIrqIndex.Req ? KernelResult.FailSilently(Errno.EINVAL) : null;
        machine.Add("host=3:0.0");
        Assert.Contains("REQ cannot be had (EINVAL)", Assert.Single(machine.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Unplug_takes_both_notifications_back_before_the_interrupts()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        machine.Kernel.Take();
        machine.Bus.Remove(device);
        Assert.Equal(
            ["DEVICE_SET_IRQS REQ trigger 0: -", "DEVICE_SET_IRQS ERR trigger 0: -", "DEVICE_SET_IRQS INTx off"],
            machine.Kernel.Take().Take(3));
    }
}
