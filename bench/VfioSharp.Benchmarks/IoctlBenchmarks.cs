// SPDX-License-Identifier: MIT
using BenchmarkDotNet.Attributes;
using VfioSharp.Abi.Vfio;

namespace VfioSharp.Benchmarks;

/// <summary>Calls to the host in this process: the price of an ioctl before any work.</summary>
[MemoryDiagnoser]
public class IoctlBenchmarks
{
    private BenchMachine _machine = null!;
    private ulong _memory;

    [GlobalSetup]
    public void Start()
    {
        _machine = new BenchMachine();
        _memory = _machine.Memory(BenchMachine.Page);
    }

    [GlobalCleanup]
    public void Stop() => _machine.Dispose();

    [Benchmark(Baseline = true)]
    public long GetApiVersion() => _machine.Process.Ioctl(_machine.Container, VfioIoctl.GetApiVersion, 0).RawValue;

    [Benchmark]
    public long GetIommuInfo()
    {
        _machine.Put(new VfioIommuType1Info { Argsz = 256 });
        return _machine.Process.Ioctl(_machine.Container, VfioIoctl.IommuGetInfo, _machine.Scratch).RawValue;
    }

    [Benchmark]
    public long GetRegionInfo()
    {
        _machine.Put(new VfioRegionInfo { Argsz = 32, Index = 7 });
        return _machine.Process.Ioctl(_machine.Device, VfioIoctl.DeviceGetRegionInfo, _machine.Scratch).RawValue;
    }

    [Benchmark]
    public long ReadRegister() => _machine.Process.Read(_machine.Device, _machine.Scratch, 4, 0).RawValue;

    [Benchmark]
    public long UnmapNothing() => _machine.Unmap(0x7000_0000, BenchMachine.Page).RawValue;

    [Benchmark]
    public long MapAndUnmap() => _machine.Map(_memory, 0x10_0000, BenchMachine.Page).RawValue + _machine.Unmap(0x10_0000, BenchMachine.Page).RawValue;
}
