// SPDX-License-Identifier: MIT
using VfioSharp.Host;

namespace VfioSharp.Supervisor.Tests;

/// <summary>Programs with threads, children, copies and sudden ends; each prints what its calls returned.</summary>
[Collection(nameof(TestPrograms))]
public sealed class LifeTests
{
    public LifeTests() => TestPrograms.Require();

    public static TheoryData<string, string> Lives => new()
    {
        { "threads", "set-up 0|wrong 0" },
        { "forks", "set-up 0|map 0|child-api 0|child-map 0|child-same -17|child-closed -9|parent-api 0|parent-unmap 0|second EBUSY|reopen open" },
        { "copies", "set-up 0|low 1|read 4|read-bar 4|closed -9|closed-again -9|info 0|moved 0|replaced -25|reopen open" },
        { "held", "set-up 0|mapped 1|by-mapping EBUSY|unmapped open" },
        { "execs", "set-up 0|map 0|exec -2|still 0|container 0|old-map -17|new-map 0|device -9|device-again open" },
        { "signals", "set-up 0|wrong 0|interrupted 1" },
        { "full-event", "set-up 0|irq 0|raise 4|raise-again 4|api 0" },
        { "hostile", "set-up 0|api 1" },
        { "kill-many 200", "set-up 0|map 0" },
    };

    [Theory]
    [MemberData(nameof(Lives))]
    public void A_life_goes_as_on_linux_and_leaves_nothing(string way, string expected)
    {
        using SoftwareHost host = TestMachine.Start();
        ProgramRun.Life(host, "exit");
        int descriptors = OpenDescriptors();
        List<string> reports = [];
        ProgramRun run = ProgramRun.Life(host, way, options: new RunOptions { Report = reports.Add });
        Assert.Empty(reports);
        Assert.Equal((0, expected), (run.ExitCode, run.Output.TrimEnd('\n').Replace('\n', '|')));
        Assert.Equal("set-up 0|map 0", Held(host));
        Assert.InRange(OpenDescriptors(), 0, descriptors + 5);
    }

    [Fact]
    public void A_close_is_over_when_it_returns_also_while_other_programs_start()
    {
        using SoftwareHost host = TestMachine.Start();
        bool done = false;
        Thread starter = new(() =>
        {
            while (!Volatile.Read(ref done)) ProgramRun.Life(host, "exit");
        });
        starter.Start();
        ProgramRun run = ProgramRun.Life(host, "reopens 20000");
        Volatile.Write(ref done, true);
        starter.Join();
        Assert.Equal("refused 0\n", run.Output);
    }

    [Fact]
    public void A_run_that_is_cancelled_at_any_moment_leaves_nothing()
    {
        using SoftwareHost host = TestMachine.Start();
        ProgramRun.Life(host, "exit");
        int descriptors = OpenDescriptors();
        Random random = new(1);
        for (int i = 0; i < 40; i++)
        {
            using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(random.NextDouble() * 20));
            Assert.Equal(137, ProgramRun.Life(host, "busy", options: new RunOptions { Cancellation = cancel.Token }).ExitCode);
        }

        Assert.Equal("set-up 0|map 0", Held(host));
        Assert.InRange(OpenDescriptors(), 0, descriptors + 5);
    }

    [Fact]
    public void Several_programs_use_one_host_at_once()
    {
        using SoftwareHost host = TestMachine.Start();
        string[] devices = ["edu0", "edu1", "nvme0", "net0", "xhci0", "igb0"];
        ProgramRun[] runs = new ProgramRun[devices.Length];
        Parallel.For(0, devices.Length, new ParallelOptions { MaxDegreeOfParallelism = devices.Length }, i =>
        {
            runs[i] = ProgramRun.Life(host, "kill-many 10", devices[i]);
        });
        Assert.All(runs, run => Assert.Equal((0, "set-up 0\nmap 0\n"), (run.ExitCode, run.Output)));
    }

    [Fact]
    public async Task A_group_that_another_program_holds_is_busy_until_that_one_is_killed()
    {
        using SoftwareHost host = TestMachine.Start();
        using CancellationTokenSource cancel = new();
        Task<ProgramRun> holder = Task.Factory.StartNew(
            () => ProgramRun.Life(host, "hold", options: new RunOptions { Cancellation = cancel.Token }),
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        List<string> explained = [];
        ProgramRun second;
        do
        {
            explained.Clear();
            second = ProgramRun.Script(host, "group g edu0\n", new RunOptions { Explain = explained.Add });
        }
        while (second.Output == "1 group: fd\n");
        Assert.Equal("1 group: -EBUSY\n", second.Output);
        Assert.Contains("lives[", Assert.Single(explained), StringComparison.Ordinal);
        await cancel.CancelAsync();
        Assert.Equal(137, (await holder).ExitCode);
        Assert.Equal("1 group: fd\n", ProgramRun.Script(host, "group g edu0\n").Output);
    }

    // What a program that has the group to itself can do; the holder is then ended.
    private static string Held(SoftwareHost host) => ProgramRun.Life(host, "kill-many 0").Output.TrimEnd('\n').Replace('\n', '|');

    private static int OpenDescriptors() => Directory.GetFiles("/proc/self/fd").Length;
}
