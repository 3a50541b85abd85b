// SPDX-License-Identifier: MIT
using VfioSharp.Host;

namespace VfioSharp.Supervisor.Tests;

/// <summary>Programs that mean harm: the supervisor neither crashes nor hangs, and serves each process its own only.</summary>
[Collection(nameof(TestPrograms))]
public sealed class HostileTests
{
    public HostileTests() => TestPrograms.Require();

    [Theory]
    [InlineData("paths", "set-up 0")]
    [InlineData("changing", "set-up 0|unmapped 0|map 0")]
    [InlineData("sockets", "set-up 0|map 0|child 0|reopen open")]
    [InlineData("full-table", "full EMFILE|folder open|set-up 0|map 0")]
    [InlineData("many-threads 64", "set-up 0|wrong 0")]
    [InlineData("relative", "names 1|written 9|relative 0|absolute 0|config -1")]
    public void It_is_answered_and_the_host_serves_the_next(string way, string expected)
    {
        using SoftwareHost host = TestMachine.Start();
        List<string> reports = [];
        ProgramRun run = ProgramRun.Of(host, [TestPrograms.Hostile, .. way.Split(' ')], options: new RunOptions { Report = reports.Add });
        Assert.Empty(reports);
        Assert.Equal((0, expected), (run.ExitCode, run.Output.TrimEnd('\n').Replace('\n', '|')));
        Assert.Equal("set-up 0\nmap 0\n", ProgramRun.Life(host, "kill-many 0").Output);
    }
}
