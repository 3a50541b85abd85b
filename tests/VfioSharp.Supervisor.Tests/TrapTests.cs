// SPDX-License-Identifier: MIT
using VfioSharp.Host;

namespace VfioSharp.Supervisor.Tests;

/// <summary>Programs that access device memory which they have mapped: each access is trapped, decoded and carried out.</summary>
[Collection(nameof(TestPrograms))]
public sealed class TrapTests
{
    // Registers where what was stored can be loaded again.
    private const string Device = TestMachine.MemoryDevice, Bar = "2";

    public TrapTests() => TestPrograms.Require();

    [Fact]
    public void Instructions_do_what_they_do_on_ordinary_memory() =>
        Assert.Equal((0, "wrong 0 of all\n"), Traps($"instructions {Bar} 5"));

    [Fact]
    public void Sixteen_threads_trap_at_once() => Assert.Equal((0, "wrong 0\n"), Traps($"threads {Bar}"));

    [Fact]
    public void Children_trap_and_are_stopped_continued_and_terminated_as_without_a_tracer() =>
        Assert.Equal((0, "child 42\nparent 42\nstopped 1\ncontinued 1\nterminated 15\n"), Traps($"forks {Bar}"));

    [Fact]
    public void With_memory_decoding_off_the_program_gets_the_signal_and_its_own_faults_stay_its_own() =>
        Assert.Equal((0, "signal 7 code 2 there 1\nagain 1234\nown signal 7\nown signal 11\n"), Traps($"disabled {Bar}"));

    [Theory]
    [InlineData("killed", 128 + 9)]
    [InlineData("exits", 23)]
    public void The_exit_code_of_a_traced_program_is_passed_through(string way, int code) => Assert.Equal((code, ""), Traps($"{way} {Bar}"));

    [Fact]
    public void Without_trapping_an_access_raises_the_signal() =>
        Assert.Equal((128 + 7, ""), Traps($"killed {Bar}", new RunOptions { TrapsMappedRegisters = false }));

    private static (int Code, string Output) Traps(string arguments, RunOptions? options = null)
    {
        using SoftwareHost host = TestMachine.StartWithRegisters();
        ProgramRun run = ProgramRun.Of(host, [TestPrograms.Traps, .. arguments.Split(' ')], options: options, device: Device);
        return (run.ExitCode, run.Output);
    }
}
