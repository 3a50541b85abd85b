// SPDX-License-Identifier: MIT
using VfioSharp.Host;

namespace VfioSharp.Supervisor.Tests;

/// <summary>The runner that recorded the real kernel's answers, unchanged. Its recorded scenarios: VfioSharp.Cli.Tests.</summary>
[Collection(nameof(TestPrograms))]
public sealed class ScriptTests
{
    public ScriptTests() => TestPrograms.Require();

    [Fact]
    public void A_refusal_is_explained_with_its_caller_its_call_the_reason_and_the_remedy()
    {
        using SoftwareHost host = TestMachine.Start();
        List<string> explained = [];
        ProgramRun run = ProgramRun.Script(
            host,
            "container c\ngroup g edu0\nset_container g c\nset_iommu c 3\nmem b 4P\nmap c rw $b 0x100001 4P\n",
            new RunOptions { Explain = explained.Add });
        Assert.EndsWith("6 map: -EINVAL\n", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"^vfio-script\[\d+\] ioctl\(container, IOMMU_MAP_DMA\) = EINVAL: .*0x100001.*; remedy: IOMMU_GET_INFO gives the page sizes", Assert.Single(explained));
    }

    [Fact]
    public void The_devices_driver_is_changed_through_sysfs()
    {
        using SoftwareHost host = TestMachine.Start();
        ProgramRun run = ProgramRun.Script(host, "driver_of edu0\ndriver edu0 none\ndriver_of edu0\ngroup g edu0\ndriver edu0 vfio-pci\ndriver_of edu0\ngroup g edu0\n");
        Assert.Equal("1 driver_of: vfio-pci\n2 driver: 0\n3 driver_of: none\n4 group: -ENOENT\n5 driver: 0\n6 driver_of: vfio-pci\n7 group: fd\n", run.Output);
    }

    [Fact]
    public void Memory_shared_by_memfd_is_seen_by_dma_after_it_was_unmapped()
    {
        using SoftwareHost host = TestMachine.Start();
        ProgramRun run = ProgramRun.Script(
            host,
            """
            container c
            group g edu0
            set_container g c
            set_iommu c 3
            device d g edu0
            mem b 1P kind=memfd
            fill b 0 16 seq
            map c rw $b 0x100000 1P
            munmap b
            wr d 7 4 2 6
            wr d 0 0x80 4 0x100000
            wr d 0 0x88 4 0x40000
            wr d 0 0x90 4 16
            wr d 0 0x98 4 1
            pollrd d 0 0x98 4 1 0 3000
            wr d 0 0x80 4 0x40000
            wr d 0 0x88 4 0x100020
            wr d 0 0x98 4 3
            pollrd d 0 0x98 4 1 0 3000
            rdat b 0x20 16

            """);
        Assert.Contains("20 rdat: 0x10 data=01080f161d242b323940474e555c636a", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x4000UL, "map: -ENOMEM")]
    [InlineData(0x8000UL, "map: 0")]
    public void A_limit_of_locked_memory_that_is_given_binds_instead_of_the_programs(ulong limit, string second)
    {
        using SoftwareHost host = TestMachine.Start();
        ProgramRun run = ProgramRun.Script(
            host,
            """
            container c
            group g edu0
            set_container g c
            set_iommu c 3
            mem b 8P
            map c rw $b 0x10000 4P
            map c rw $b+16384 0x20000 4P
            """,
            new RunOptions { LockedMemoryLimit = limit });
        Assert.EndsWith(second + "\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_program_has_a_cause_and_a_remedy()
    {
        using SoftwareHost host = TestMachine.Start();
        SupervisorException refused = Assert.Throws<SupervisorException>(() => ProgramSupervisor.Run(host, ["no-such-program"], new RunOptions()));
        Assert.Equal("The program no-such-program was not found.", refused.Cause);
        Assert.Equal("Check its name, or give its path.", refused.Remedy);
    }

    [Fact]
    public void Programs_run_below_one_seccomp_filter()
    {
        using SoftwareHost host = TestMachine.Start();
        ProgramRun run = ProgramRun.Of(host, ["sh", "-c", "grep -c Seccomp_filters:.*1 /proc/self/status"]);
        Assert.Equal((0, "1\n"), (run.ExitCode, run.Output));
    }

    [Theory]
    [InlineData("exit", 7)]
    [InlineData("abort", 137)]
    public void The_exit_code_is_the_programs(string way, int code)
    {
        using SoftwareHost host = TestMachine.Start();
        Assert.Equal(code, ProgramRun.Life(host, way).ExitCode);
    }

    [Fact]
    public void Children_are_served_after_the_programs_end()
    {
        using SoftwareHost host = TestMachine.Start();
        string script = Path.Combine(AppContext.BaseDirectory, "late.vfio");
        File.WriteAllText(script, "sleep 200\ncontainer c\n");
        ProgramRun run = ProgramRun.Of(host, ["sh", "-c", $"{TestPrograms.Runner} < {script} & exit 5"]);
        Assert.Equal((5, "1 sleep: 0\n2 container: fd\n"), (run.ExitCode, run.Output));
    }

    [Fact]
    public void Input_and_output_of_the_program_are_those_given()
    {
        using SoftwareHost host = TestMachine.Start();
        Assert.Equal("through\n", ProgramRun.Of(host, ["cat"], "through\n").Output);
    }
}
