// SPDX-License-Identifier: MIT
using BenchmarkDotNet.Attributes;
using VfioSharp.Host.Iommu;
using VfioSharp.Host.Iommu.Spapr;

namespace VfioSharp.Benchmarks;

/// <summary>POWER's tables alone: entries put one by one and many at once, translation through a window.</summary>
[MemoryDiagnoser]
public class TceBenchmarks
{
    private const int Entries = 16_384;
    private const int LevelBits = 14;
    private const int PageShift = 16;

    private readonly ulong[] _many = new ulong[512];
    private TceTable _flat = null!;
    private TceTable _deep = null!;
    private SpaprBench _machine = null!;
    private DmaPort _port = null!;
    private IommuDomain _domain = null!;
    private ulong _window;
    private ulong _next;

    [GlobalSetup]
    public void Start()
    {
        _flat = TceTable.TryCreate(1, LevelBits)!;
        _deep = TceTable.TryCreate(5, 9)!;
        for (ulong i = 0; i < (ulong)_many.Length; i++) _many[i] = (i << PageShift) | 3;
        _machine = new SpaprBench("pseries-64k");
        ulong memory = _machine.Register(1UL << 20);
        _window = _machine.Create(PageShift, 1UL << 30, 1);
        _machine.Map(memory, _window, 1UL << 20);
        _port = (DmaPort)_machine.Function.Dma!;
        _domain = _machine.Domain;
        if (Hit() == ulong.MaxValue) throw new InvalidOperationException("nothing is translated");
    }

    [GlobalCleanup]
    public void Stop()
    {
        _machine.Dispose();
        _flat.Dispose();
        _deep.Dispose();
    }

    [Benchmark(Description = "put, 1 level", OperationsPerInvoke = Entries)]
    public void Put()
    {
        for (ulong i = 0; i < Entries; i++) _flat.TryPut(i, (i << PageShift) | 3);
    }

    [Benchmark(Description = "put, 5 levels", OperationsPerInvoke = Entries)]
    public void PutDeep()
    {
        for (ulong i = 0; i < Entries; i++) _deep.TryPut(i, (i << PageShift) | 3);
    }

    [Benchmark(Description = "put 512 at once", OperationsPerInvoke = 512)]
    public void PutIndirect() => _flat.TryPutIndirect(0, _many);

    [Benchmark(Description = "exchange", OperationsPerInvoke = Entries)]
    public void Exchange()
    {
        for (ulong i = 0; i < Entries; i++) _flat.TryExchange(i, (i << PageShift) | 3, out _);
    }

    [Benchmark(Description = "translate, hit")]
    public ulong Hit()
    {
        _next = (_next + 8) & 4095;
        return _domain.Translate(_window + _next, _port.Cache).Offset;
    }
}
