// SPDX-License-Identifier: MIT
using System.Collections.Concurrent;
using VfioSharp.Host;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Pci;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Supervisor.Tests;

/// <summary>What a trace hears of a program's run.</summary>
[Collection(nameof(TestPrograms))]
public sealed class TraceTests
{
    private const string SetUp = "container c\ngroup g edu0\nset_container g c\nset_iommu c 3\n";

    public TraceTests() => TestPrograms.Require();

    [Fact]
    public void Calls_come_in_order_with_their_requests_their_arguments_and_their_answers()
    {
        Recorder heard = Record(SetUp + "mem b 4P\nmap c rw $b 0x100001 4P\nmap c rw $b 0x100000 4P\n");
        Assert.Equal(
            [
                "open /dev/vfio/vfio = fd", $"open {TestMachine.GroupNodeOf("edu0")} = fd", "GROUP_SET_CONTAINER 4 bytes = 0", "SET_IOMMU 0 bytes = 0",
                "IOMMU_MAP_DMA 32 bytes = -22", "IOMMU_MAP_DMA 32 bytes = 0",
            ],
            heard.Events);
    }

    [Fact]
    public void Locked_memory_is_that_of_the_process_after_the_call()
    {
        Recorder heard = Record(SetUp + "mem b 4P\nmap c rw $b 0x100000 4P\n");
        Assert.Equal(4 * 4096UL, heard.LockedBytes);
    }

    [Fact]
    public void Accesses_to_mapped_registers_are_heard_with_their_values()
    {
        using SoftwareHost host = TestMachine.StartWithRegisters();
        Recorder heard = new();
        ProgramRun.Of(host, [TestPrograms.Traps, "forks", "2"], options: new RunOptions { Trace = heard }, device: TestMachine.MemoryDevice);
        Assert.Contains("store BAR2 = 0x2a", heard.Events);
        Assert.Contains("load BAR2 = 0x2a", heard.Events);
    }

    [Fact]
    public void Dma_and_interrupts_of_a_device_are_heard_by_the_hosts_observer()
    {
        Recorder heard = Record(File.ReadAllText(Path.Combine(TestPrograms.Root, "tests/conformance/scenarios/x86/dma-msi.vfio")));
        Assert.Contains(heard.Events, line => line.StartsWith($"DMA {TestMachine.AddressOf("edu0")} ", StringComparison.Ordinal));
        Assert.Contains($"interrupt {TestMachine.AddressOf("edu0")} MSI 0", heard.Events);
    }

    private static Recorder Record(string script)
    {
        using SoftwareHost host = TestMachine.Start();
        Recorder heard = new();
        host.Observer = heard;
        ProgramRun.Script(host, script, new RunOptions { Trace = heard });
        return heard;
    }

    private sealed class Recorder : ITraceSink
    {
        private readonly ConcurrentQueue<string> _events = [];

        public IEnumerable<string> Events => _events;

        public ulong LockedBytes { get; private set; }

        public void Call(in TracedCall call)
        {
            LockedBytes = call.LockedBytes;
            Assert.True(call.Ended >= call.Started);
            _events.Enqueue(call.Kind switch
            {
                TracedCallKind.Open => $"open {call.Path} = {(call.Result.IsSuccess ? "fd" : call.Result.Errno)}",
                TracedCallKind.Ioctl => $"{VfioRequest.NameOf(call.File!.Kind, call.Request)} {call.Before.Length} bytes = {call.Result.RawValue}",
                _ => $"{call.Kind} {RegionOffset.Format(call.Offset)} = {call.Result.RawValue}",
            });
        }

        public void Access(in TracedAccess access) =>
            _events.Enqueue($"{(access.IsStore ? "store" : "load")} {RegionOffset.Format(access.Offset)[..4]} = 0x{access.Value:x}");

        public void Dma(PciAddress device, Iova iova, int length, bool isWrite, bool isComplete) => _events.Enqueue($"DMA {device} {length}");

        public void Interrupt(PciAddress device, uint index, int vector) => _events.Enqueue($"interrupt {device} {InterruptIndex.NameOf(index)} {vector}");
    }
}
