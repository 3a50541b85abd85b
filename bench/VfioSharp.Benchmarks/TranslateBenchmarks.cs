// SPDX-License-Identifier: MIT
using BenchmarkDotNet.Attributes;
using VfioSharp.Host.Iommu;

namespace VfioSharp.Benchmarks;

/// <summary>The IOMMU's translation alone: cached, and by the walk after a miss among many mappings.</summary>
[MemoryDiagnoser]
public class TranslateBenchmarks
{
    private const ulong Base = 0x1_0000_0000;
    private const int Mappings = 65_535;

    private BenchMachine _machine = null!;
    private DmaPort _port = null!;
    private IommuDomain _domain = null!;
    private ulong _next;

    [GlobalSetup]
    public void Start()
    {
        _machine = new BenchMachine();
        ulong memory = _machine.Memory(BenchMachine.Page);
        for (ulong i = 0; i < Mappings; i++) BenchMachine.Value(_machine.Map(memory, Base + (i * BenchMachine.Page), BenchMachine.Page));
        _port = (DmaPort)_machine.Dma;
        _domain = _machine.Host.Functions.Groups.First(group => group.Members.Any(member => member.Function == _machine.Function)).Domain!;
        Hit();
    }

    [GlobalCleanup]
    public void Stop() => _machine.Dispose();

    [Benchmark(Baseline = true, Description = "hit")]
    public ulong Hit()
    {
        // Another address each time, of a page whose translation stays cached.
        _next = (_next + 8) & 4095;
        return _domain.Translate(Base + _next, _port.Cache).Offset;
    }

    [Benchmark(Description = "miss among 65,535")]
    public ulong Miss()
    {
        // A stride that is prime to the cache's size and to the count: every lookup evicts another.
        _next = (_next + 4099) % Mappings;
        return _domain.Translate(Base + (_next * BenchMachine.Page), _port.Cache).Offset;
    }
}
