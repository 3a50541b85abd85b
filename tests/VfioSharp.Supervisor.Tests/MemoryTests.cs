// SPDX-License-Identifier: MIT
using VfioSharp.Host;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Supervisor.Tests;

/// <summary>Programs that map a device's memory: loads and stores are the processor's own.</summary>
[Collection(nameof(TestPrograms))]
public sealed class MemoryTests
{
    public MemoryTests()
    {
        TestPrograms.Require();
        using SizedFolder? folder = SizedFolder.Create(4096, ChildProgram.Start, out string reason);
        Assert.SkipWhen(folder is null, "no file system of exact size can be mounted: " + reason);
    }

    [Fact]
    public void Program_device_and_calls_share_the_bytes_without_a_trap() =>
        Assert.Equal((0, "read 1234\nloaded 5678\nfilled abababab\nsum aaffd54\n", 0), Run("shares"));

    [Fact]
    public void Registers_beside_memory_are_trapped() => Assert.Equal((0, "memory 77\nregister 14d4152\n", 1), Run("mixed"));

    [Fact]
    public void Without_trapping_memory_works_and_registers_raise_the_signal() =>
        Assert.Equal((0, "memory 77\nsignal 7\n", 0), Run("mixed", traps: false));

    [Fact]
    public void Moved_and_inherited_mappings_stay_the_devices_and_hold_it_open() =>
        Assert.Equal((0, "children's 2\nagain 1\nkept 2\n", 0), Run("moves"));

    [Fact]
    public void Device_that_is_open_twice_is_one_until_both_are_closed() =>
        Assert.Equal((0, $"second's 9\nopen 14d4152\nunset {-(int)Errno.EBUSY}\nunset 0\n", 0), Run("twice"));

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void With_decoding_off_pages_are_taken_away_and_brought_back(bool traps, int trapped) =>
        Assert.Equal((0, "signal 7\nloaded 5\n", trapped), Run("disabled", traps));

    [Fact]
    public void Memory_of_a_device_is_mapped_for_dma() => Assert.Equal((0, "map 0\nunmap 0\n", 0), Run("dma"));

    [Fact]
    public void A_program_that_shortens_the_file_harms_itself_alone() =>
        Assert.Equal((0, "truncated 0\nsum 1\nidentification 14d4152\n", 0), Run("truncates"));

    [Fact]
    public void Bytes_stay_with_the_device_over_programs()
    {
        using SoftwareHost host = TestMachine.StartWithMemory();
        Assert.Equal(0, ProgramRun.Of(host, [TestPrograms.Memory, "shares"], device: TestMachine.MemoryDevice).ExitCode);
        byte[] read = new byte[4];
        Assert.True(host.Platform.Functions.First(function => function.Alias == TestMachine.MemoryDevice).Memory!.Read(2, 4, read));
        Assert.Equal([0xab, 0xab, 0xab, 0xab], read);
    }

    private static (int Code, string Output, int Traps) Run(string arguments, bool traps = true)
    {
        using SoftwareHost host = TestMachine.StartWithMemory();
        var heard = new Accesses();
        ProgramRun run = ProgramRun.Of(host, [TestPrograms.Memory, arguments], options: new RunOptions { TrapsMappedRegisters = traps, Trace = heard }, device: TestMachine.MemoryDevice);
        return (run.ExitCode, run.Output, heard.Count);
    }

    private sealed class Accesses : ITraceSink
    {
        private int _count;

        public int Count => _count;

        public void Call(in TracedCall call)
        {
        }

        public void Access(in TracedAccess access) => Interlocked.Increment(ref _count);

        public void Dma(PciAddress device, Iova iova, int length, bool isWrite, bool isComplete)
        {
        }

        public void Interrupt(PciAddress device, uint index, int vector)
        {
        }
    }
}
