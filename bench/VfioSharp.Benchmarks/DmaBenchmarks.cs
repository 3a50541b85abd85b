// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using VfioSharp.Kernel;

namespace VfioSharp.Benchmarks;

/// <summary>DMA of a device model through the IOMMU, beside the copy it cannot avoid.</summary>
[MemoryDiagnoser]
public unsafe class DmaBenchmarks
{
    private const ulong Base = 0x1000_0000;
    private const int BufferSize = 2 << 20;

    private BenchMachine _machine = null!;
    private byte* _from;
    private byte[] _to = [];

    [Params(64, 4096, 65536, BufferSize)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Start()
    {
        _machine = new BenchMachine();
        ulong memory = _machine.Memory(BufferSize);
        for (ulong i = 0; i < BufferSize; i += BenchMachine.Page) _machine.Process.Store(memory + i, 8, i);
        BenchMachine.Value(_machine.Map(memory, Base, BufferSize));
        _to = GC.AllocateArray<byte>(BufferSize, pinned: true);

        // SAFETY: freed in Stop; both sides of the copies are BufferSize bytes long.
        _from = (byte*)NativeMemory.AllocZeroed(BufferSize);
        new Span<byte>(_from, BufferSize).Fill(1);
    }

    [GlobalCleanup]
    public void Stop()
    {
        NativeMemory.Free(_from);
        _machine.Dispose();
    }

    // SAFETY: Bytes is at most BufferSize, the length of both blocks.
    [Benchmark(Baseline = true, Description = "memcpy (floor)")]
    public void Copy() => new ReadOnlySpan<byte>(_from, Bytes).CopyTo(_to);

    [Benchmark(Description = "DMA read")]
    public bool DmaRead() => _machine.Dma.Read(new Iova(Base), _to.AsSpan(0, Bytes));

    [Benchmark(Description = "DMA write")]
    public bool DmaWrite() => _machine.Dma.Write(new Iova(Base), _to.AsSpan(0, Bytes));
}
