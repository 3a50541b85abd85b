// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Runtime.InteropServices;
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Tests.Conformance;
using VfioSharp.Cli.Tests.Scripts;

namespace VfioSharp.Cli.Tests.HostControl;

/// <summary>Interrupts and errors of a device that a program holds, on command.</summary>
[Collection(nameof(ThroughRunTests))]
public sealed class HostInjectionTests : IDisposable
{
    private readonly HostRun _run = new() { Device = HostRun.Net };

    public HostInjectionTests()
    {
        Assert.SkipWhen(RecordedRunner.WhyNot is not null, RecordedRunner.WhyNot ?? "");
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "vfio run needs an x86-64 processor");
        _run.StartHost();
    }

    [Theory]
    [InlineData("err", "error net0")]
    [InlineData("msi", "irq net0")]
    [InlineData("msix", "irq net0 --vector 2")]
    public void It_reaches_the_eventfd_of_its_user(string way, string what)
    {
        Process holder = _run.StartHolder(way);
        (int code, _, string error) = _run.Vfio(["host", "inject", .. what.Split(' ')]);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal("heard 1", holder.StandardOutput.ReadLine());
    }

    [Theory]
    [InlineData("msi", "1", "interrupt 1 (MSI) of 0000:05:00.0: it has 1 of that kind")]
    [InlineData("msix", "5", "interrupt 5 (MSI-X) of 0000:05:00.0: it has 5 of that kind")]
    [InlineData("irq", "1", "interrupt 1 (INTx) of 0000:05:00.0: it has 1 of that kind")]
    public void A_vector_out_of_range_is_refused(string way, string vector, string reason)
    {
        _run.StartHolder(way);
        (int code, _, string error) = _run.Vfio("host", "inject", "irq", "net0", "--vector", vector);
        Assert.Equal(ExitCodes.Failure, code);
        Assert.StartsWith("vfio: EINVAL: " + reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_nobody_listens_for_is_refused()
    {
        _run.StartHolder("hold");
        Assert.Equal(ExitCodes.Failure, _run.Vfio("host", "inject", "error", "net0").Code);
    }

    public void Dispose() => _run.Dispose();
}
