// SPDX-License-Identifier: MIT
using BenchmarkDotNet.Attributes;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp.Benchmarks;

/// <summary>What a driver does to a device all the time: configuration, registers, interrupts. Nothing allocates.</summary>
[MemoryDiagnoser]
public class DeviceBenchmarks
{
    private const ulong Config = 7UL << 40;

    private BenchMachine _machine = null!;
    private int _event;
    private ulong _bar;

    [GlobalSetup]
    public void Start()
    {
        _machine = new BenchMachine();
        _event = (int)BenchMachine.Value(_machine.Process.CreateEvent(0));
        _bar = BenchMachine.Value(_machine.Process.MapFile(_machine.Device, 0, BenchMachine.Page, MemoryProtection.ReadWrite, shared: true));
        SetMsi();
    }

    [GlobalCleanup]
    public void Stop() => _machine.Dispose();

    [Benchmark]
    public long ReadConfig() => _machine.Process.Read(_machine.Device, _machine.Scratch, 4, Config).RawValue;

    [Benchmark]
    public long ReadBar() => _machine.Process.Read(_machine.Device, _machine.Scratch, 4, 0).RawValue;

    [Benchmark]
    public ulong LoadMappedBar()
    {
        _machine.Process.Load(_bar, 4, out ulong value);
        return value;
    }

    /// <summary>MSI is given its eventfd anew, and triggered from the user's side.</summary>
    [Benchmark]
    public ulong SetIrqsRoundTrip()
    {
        SetMsi();
        Put(VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, 20);
        BenchMachine.Value(_machine.Process.Ioctl(_machine.Device, VfioIoctl.DeviceSetIrqs, _machine.Scratch));
        return Take();
    }

    /// <summary>A message of the device until the reader has the eventfd's count.</summary>
    [Benchmark]
    public ulong InterruptToEventfd()
    {
        _machine.Function.InterruptSink!.Message(0);
        return Take();
    }

    private void SetMsi()
    {
        Put(VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger, 24);
        _machine.Put(_event, 20);
        BenchMachine.Value(_machine.Process.Ioctl(_machine.Device, VfioIoctl.DeviceSetIrqs, _machine.Scratch));
    }

    private void Put(uint flags, uint size) => _machine.Put(new VfioIrqSet { Argsz = size, Flags = flags, Index = VfioPciIrqIndex.Msi, Count = 1 });

    private ulong Take()
    {
        BenchMachine.Value(_machine.Process.ReadEvent(_event, out ulong count));
        return count;
    }
}
