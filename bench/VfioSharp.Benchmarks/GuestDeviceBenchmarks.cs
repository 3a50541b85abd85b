// SPDX-License-Identifier: MIT
using BenchmarkDotNet.Attributes;
using VfioSharp.Abi.Vfio;
using VfioSharp.Devices;
using VfioSharp.Guest;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Pci;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Benchmarks;

/// <summary>
/// An assigned device beside the bare one: a register through the guest's memory, slow and mapped, and an interrupt from
/// the device's eventfd to the guest.
/// </summary>
[MemoryDiagnoser]
public class GuestDeviceBenchmarks : IInterruptLines, IAssignedDeviceEvents, IMmioHandler
{
    private const ulong Liveness = 4;
    private const ulong Messages = 0xfee00000;

    private static readonly GuestPhysicalAddress s_slow = new(0xe0000000 + Liveness);
    private static readonly GuestPhysicalAddress s_mapped = new(0xe0100000 + Liveness);

    private readonly byte[] _bytes = new byte[4];
    private SoftwareHost _host = null!;
    private SoftwareKernel _kernel = null!;
    private GuestAddressSpace _memory = null!;
    private EventLoop _events = null!;
    private HostDevices _hostDevices = null!;
    private VfioDevice _bare = null!;
    private VfioRegion _slowRegion = null!;
    private VfioRegion _mappedRegion = null!;
    private PciAddress _interrupting;
    private ulong _delivered;

    public bool ReportsEndOfInterrupt => true;

    [GlobalSetup]
    public void Start()
    {
        _host = new SoftwareHost(new X86Platform(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "machines/x86.json")), DeviceCatalog.Default));
        _kernel = new SoftwareKernel(_host);
        var topology = new MemoryTopology();
        var system = new ContainerRegion(topology, "system", ulong.MaxValue);
        system.Add(new MmioRegion(topology, "messages", 0x100000, this), Messages);
        _memory = new GuestAddressSpace(topology, system);
        _events = new EventLoop(_kernel, new Lock());
        var bus = new GuestPciBus("pci.0", system, new ContainerRegion(topology, "ports", 0x10000), _memory, this, _events);
        _hostDevices = new HostDevices(_kernel, _memory);
        var devices = new AssignedDevices(_hostDevices, this);
        Place(devices.Add("vfio-pci,host=3:0.0,id=slow,x-no-mmap=on", bus), 0xe0000000);
        AssignedPciDevice mapped = devices.Add("vfio-pci,host=0:3.0,id=mapped", bus);
        Place(mapped, 0xe0100000);
        mapped.SetMessage(isMsix: false, 0, Messages, 0x41);
        mapped.WriteConfig(0x42, 2, 1);
        _interrupting = mapped.Host;
        _bare = mapped.Opened!.Device;
        _slowRegion = _bare.OpenRegion(VfioPciRegionIndex.Bar0);
        _mappedRegion = _bare.MapRegion(VfioPciRegionIndex.Bar0);
    }

    [GlobalCleanup]
    public void Stop()
    {
        _slowRegion.Dispose();
        _mappedRegion.Dispose();
        _hostDevices.Dispose();
        _events.Dispose();
        _kernel.Dispose();
        _host.Dispose();
    }

    [Benchmark]
    public long BareSlowRead() => _slowRegion.TryRead(Liveness, _bytes).RawValue;

    [Benchmark]
    public ulong GuestSlowRead()
    {
        _memory.Load(s_slow, 4, out ulong value);
        return value;
    }

    [Benchmark]
    public uint BareMappedRead() => _mappedRegion.Read32(Liveness);

    [Benchmark]
    public ulong GuestMappedRead()
    {
        _memory.Load(s_mapped, 4, out ulong value);
        return value;
    }

    /// <summary>A message of the device until it is written to the guest's interrupt controller, by a turn of the event loop.</summary>
    [Benchmark]
    public ulong InterruptToInjection()
    {
        _host.InjectInterrupt(_interrupting, 0);
        _events.RunPending(TimeSpan.Zero);
        return _delivered;
    }

    public IntxRoute RouteOf(int line) => new(IntxRouteMode.Enabled, line);

    public void SetLevel(int line, bool asserted)
    {
    }

    public void OnDeviceError(AssignedPciDevice device)
    {
    }

    public void OnUnplugRequested(AssignedPciDevice device)
    {
    }

    public void OnWarning(AssignedPciDevice device, string message) => Console.Error.WriteLine(message);

    public ulong Read(ulong offset, int width) => 0;

    public void Write(ulong offset, int width, ulong value) => _delivered++;

    private static void Place(AssignedPciDevice device, ulong address)
    {
        device.WriteConfig(0x10, 4, (uint)address);
        device.WriteConfig(4, 2, 6);
    }
}
