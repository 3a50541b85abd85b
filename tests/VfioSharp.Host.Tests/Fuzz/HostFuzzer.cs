// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using System.Text;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.Fuzz;

/// <summary>
/// Processes that call the host at random: more than half of the calls well formed, so that they go deep, the rest
/// hostile (bad pointers, wild numbers, torn structs). Deterministic by seed.
/// </summary>
internal sealed partial class HostFuzzer : IDisposable
{
    private const ulong Page = FuzzedProcess.Page;
    private const int ProcessCount = 3;

    private readonly Random _random;
    private readonly SoftwareHost _host;
    private readonly int[] _groups;
    private readonly PlatformGroup[] _vfioGroups;
    private readonly string[] _devices;
    private readonly FuzzedProcess[] _processes;

    private readonly bool _isAlone;
    private readonly bool _isPower;

    /// <summary>A fuzzer with a host of its own.</summary>
    public HostFuzzer(HostPlatform platform, int seed)
        : this(new SoftwareHost(platform), seed, isAlone: true)
    {
    }

    /// <summary>A fuzzer on a host that others use too, which stays the caller's.</summary>
    public HostFuzzer(SoftwareHost host, int seed, bool isAlone = false)
    {
        HostPlatform platform = host.Platform;
        _random = new Random(seed);
        _host = host;
        _isAlone = isAlone;
        _isPower = platform is PowerPlatform;
        _groups = [.. platform.Groups.Select(group => group.Id)];
        _vfioGroups = [.. platform.Groups.Where(group => group.Functions.Any(function => platform.InitialDriver(function) == "vfio-pci"))];
        _devices = [.. platform.Functions.Select(function => function.Address.ToString())];
        _processes = [.. Enumerable.Range(0, ProcessCount).Select(i => new FuzzedProcess(_host, i))];
    }

    public SoftwareHost Host => _host;

    /// <summary>Ioctls made.</summary>
    public long Ioctls { get; private set; }

    /// <summary>Of them, those with well-formed arguments.</summary>
    public long WellFormed { get; private set; }

    public RefusalLog Refusals { get; } = new();

    public void Run(long ioctls)
    {
        while (Ioctls < ioctls)
        {
            FuzzedProcess process = _processes[_random.Next(ProcessCount)];
            Step(process);
        }
    }

    /// <summary>Ends the processes, as exit or a kill does: with everything open.</summary>
    public void Dispose()
    {
        foreach (FuzzedProcess process in _processes) process.Process.Dispose();
        if (_isAlone) _host.Dispose();
    }

    public IEnumerable<SoftwareProcess> Processes => _processes.Select(process => process.Process);

    private void Step(FuzzedProcess p)
    {
        int step = _random.Next(100);

        // Without a container or a device most calls would get no further than the descriptor.
        if (step is >= 15 and < 76 && (p.Containers.Count == 0 || p.Devices.Count == 0) && _random.Next(8) != 0) step = 0;
        switch (step)
        {
            case < 2: SetUp(p); break;
            case < 3: Keep(p.Containers, p.Process.Open("/dev/vfio/vfio", OpenMode.ReadWrite)); break;
            case < 4: Keep(p.Groups, p.Process.Open($"/dev/vfio/{Pick(_groups)}", OpenMode.ReadWrite)); break;
            case < 8: Close(p); break;
            case < 9: Keep(p.Events, p.Process.CreateEvent(0)); break;
            case < 12: Memory(p); break;
            case < 14: Limits(p); break;
            case < 15: Administer(); break;
            case < 22: GroupCall(p); break;
            case < 55 when _isPower: SpaprCall(p); break;
            case < 55: Type1Call(p); break;
            case < 70: DeviceCall(p); break;
            case < 76: Transfer(p); break;
            default: Hostile(p); break;
        }
    }

    // What a program does first, so that most calls find a container with an IOMMU and an open device.
    private void SetUp(FuzzedProcess p)
    {
        if (p.Containers.Count > 3 || p.Devices.Count > 8)
        {
            CloseAll(p);
            return;
        }

        PlatformGroup wanted = Pick(_vfioGroups);
        if (_random.Next(4) != 0) BackToWork(wanted);
        KernelResult opened = p.Process.Open($"/dev/vfio/{wanted.Id}", OpenMode.ReadWrite);
        Keep(p.Groups, opened);
        if (opened.IsError)
        {
            // Perhaps it is this process that has every group open.
            if (_random.Next(4) == 0) CloseAll(p);
            return;
        }

        if (p.Containers.Count == 0 || _random.Next(3) == 0) Keep(p.Containers, p.Process.Open("/dev/vfio/vfio", OpenMode.ReadWrite));
        int group = (int)opened.Value, container = p.Containers[^1];
        Ioctl(p, group, VfioIoctl.GroupSetContainer, Struct(p, container));
        Ioctl(p, container, VfioIoctl.SetIommu, IommuType());
        foreach (Pci.PciFunction function in wanted.Functions)
        {
            KernelResult device = Ioctl(p, group, VfioIoctl.GroupGetDeviceFd, Bytes(p, Encoding.ASCII.GetBytes(function.Address + "\0")));
            if (device.IsSuccess) p.Devices.Add((int)device.Value);
        }
    }

    private void CloseAll(FuzzedProcess p)
    {
        foreach (List<int> list in (List<int>[])[p.Containers, p.Groups, p.Events, p.Devices])
        {
            foreach (int descriptor in list) Note(p.Process.Close(descriptor));
            list.Clear();
        }
    }

    private void GroupCall(FuzzedProcess p)
    {
        int group = PickOr(p.Groups);
        switch (_random.Next(5))
        {
            case 0: Ioctl(p, group, VfioIoctl.GroupSetContainer, Struct(p, PickOr(_random.Next(8) == 0 ? p.Events : p.Containers))); break;
            case 1 when _random.Next(6) == 0: Ioctl(p, group, VfioIoctl.GroupUnsetContainer, 0); break;
            case 2: Ioctl(p, group, VfioIoctl.GroupGetStatus, Struct(p, new VfioGroupStatus { Argsz = Argsz(8) })); break;
            case 3: Ioctl(p, PickOr(p.Containers), VfioIoctl.SetIommu, _random.Next(5) == 1 ? (ulong)_random.Next(12) : IommuType()); break;
            default:
                KernelResult device = Ioctl(p, group, VfioIoctl.GroupGetDeviceFd, Name(p, DeviceName()));
                if (device.IsSuccess) p.Devices.Add((int)device.Value);
                break;
        }
    }

    // What root does at the machine meanwhile: drivers come and go, a module parameter changes.
    private void Administer()
    {
        string address = Pick(_devices), folder = "/sys/bus/pci/devices/" + address;
        switch (_random.Next(8))
        {
            case 0: Note(_host.Sysfs.WriteText("/sys/module/vfio_iommu_type1/parameters/dma_entry_limit", Pick(["x", "3", "65535", "65535", "65535"]))); break;
            case 1: Note(_host.Sysfs.WriteText(folder + "/driver_override", Pick(["vfio-pci\n", "vfio-pci\n", "e1000e\n", "no-such-driver\n", "\n"]))); break;
            case 2: Note(_host.Sysfs.WriteText("/sys/bus/pci/drivers_probe", _random.Next(9) == 0 ? "junk" : address)); break;
            case 3: Note(_host.Sysfs.WriteText($"/sys/bus/pci/drivers/{Pick(["vfio-pci", "e1000e"])}/bind", _random.Next(9) == 0 ? "junk" : address)); break;
            case 4: Note(_host.Sysfs.WriteText("/sys/bus/pci/drivers/e1000e/unbind", address)); break;
            case 5 when _isAlone && _processes.All(process => process.Devices.Count == 0):
                // Waits for the device's users: only while there are none.
                Note(_host.Sysfs.WriteText("/sys/bus/pci/drivers/vfio-pci/unbind", address));
                break;
            default: BackToWork(Pick(_vfioGroups)); break;
        }
    }

    // Whatever drivers were tried, the group's devices are VFIO's again.
    private void BackToWork(PlatformGroup group)
    {
        foreach (Pci.PciFunction function in group.Functions)
        {
            string address = function.Address.ToString();
            if (_host.Platform.InitialDriver(function) != "vfio-pci") continue;
            _host.Sysfs.WriteText($"/sys/bus/pci/devices/{address}/driver_override", "vfio-pci\n");
            _host.Sysfs.WriteText("/sys/bus/pci/drivers/e1000e/unbind", address);
            Note(_host.Sysfs.WriteText("/sys/bus/pci/drivers_probe", address));
        }
    }

    private uint IommuType() => _isPower
        ? (_random.Next(4) == 0 ? VfioExtension.SpaprTce : VfioExtension.SpaprTceV2)
        : (_random.Next(6) == 0 ? VfioExtension.Type1 : VfioExtension.Type1V2);

    private string DeviceName() => _random.Next(10) switch
    {
        0 => "0000:ff:1f.7",
        1 => Pick(_devices) + (_random.Next(2) == 0 ? " vf_token=00000000-0000-0000-0000-000000000000" : " vf_token=short"),
        3 when _random.Next(20) == 0 => new string('x', 5000),
        2 => Pick(_devices) + " junk",
        _ => Pick(_devices),
    };

    private void DeviceCall(FuzzedProcess p)
    {
        int device = PickOr(p.Devices);
        switch (_random.Next(7))
        {
            case 0: Ioctl(p, device, VfioIoctl.DeviceGetInfo, Struct(p, new VfioDeviceInfo { Argsz = Argsz(20) })); break;
            case 1: Ioctl(p, device, VfioIoctl.DeviceGetRegionInfo, Struct(p, new VfioRegionInfo { Argsz = _random.Next(3) == 0 ? 128 : Argsz(32), Index = (uint)_random.Next(12) })); break;
            case 2: Ioctl(p, device, VfioIoctl.DeviceGetIrqInfo, Struct(p, new VfioIrqInfo { Argsz = Argsz(16), Index = (uint)_random.Next(7) })); break;
            case 3 when _random.Next(4) == 0: Ioctl(p, device, VfioIoctl.DeviceReset, 0); break;
            case 4: Ioctl(p, device, VfioIoctl.DeviceFeature, Struct(p, new VfioDeviceFeature { Argsz = Argsz(16), Flags = (uint)(_random.Next(16) | (_random.Next(8) << 16)) })); break;
            default: SetIrqs(p, device); break;
        }
    }

    private void SetIrqs(FuzzedProcess p, int device)
    {
        uint[] data = [1, 2, 4, 3, 0];
        uint[] actions = [8, 16, 32, 32, 32, 48, 0];
        uint kind = Pick(data), count = _random.Next(6) switch { 0 => 0u, 1 => 2u, 2 => uint.MaxValue, _ => 1u };
        uint payload = kind switch { 4 => 4 * Math.Min(count, 2), 2 => Math.Min(count, 2), _ => 0 };
        int target = _random.Next(5) == 0 ? -1 : PickOr(p.Events);
        Ioctl(p, device, VfioIoctl.DeviceSetIrqs, Struct(p, new VfioIrqSet { Argsz = Argsz(20 + payload), Flags = kind | Pick(actions), Index = (uint)_random.Next(6), Start = (uint)(_random.Next(6) == 0 ? 1 : 0), Count = count }, target, target));
    }

    private void Transfer(FuzzedProcess p)
    {
        ulong offset = ((ulong)_random.Next(11) << 40) + (ulong)(_random.Next(3) == 0 ? _random.Next() : _random.Next(512));
        ulong count = (ulong)(_random.Next(20) == 0 ? _random.Next(5000) : 1 << _random.Next(4));
        int target = _random.Next(10) == 0 ? PickOr(p.Containers) : PickOr(p.Devices);
        ulong address = _random.Next(12) == 0 ? WildAddress(p) : p.Buffer + (ulong)_random.Next(4096);
        Note(_random.Next(2) == 0 ? p.Process.Read(target, address, count, offset) : p.Process.Write(target, address, count, offset));
        if (_random.Next(6) == 0)
        {
            KernelResult mapped = p.Process.MapFile(target, ((ulong)_random.Next(10) << 40) + ((ulong)_random.Next(4) * Page), (ulong)_random.Next(1, 4) * Page, MemoryProtection.ReadWrite, _random.Next(8) != 0);
            Note(mapped);
            if (mapped.IsSuccess)
            {
                p.Process.Load((ulong)mapped.Value, 4, out _);
                p.Process.Unmap((ulong)mapped.Value, Page * 4);
            }
        }
    }

    private void Hostile(FuzzedProcess p)
    {
        int descriptor = _random.Next(6) switch { 0 => PickOr(p.Events), 1 => _random.Next(-2, 100), 2 => PickOr(p.Groups), 3 => PickOr(p.Devices), _ => PickOr(p.Containers) };
        uint request = _random.Next(8) == 0 ? (uint)_random.Next() : 0x3B64 + (uint)_random.Next(32);
        var torn = new byte[_random.Next(4, 64)];
        _random.NextBytes(torn);
        if (_random.Next(2) == 0) MemoryMarshal.Write(torn, (uint)_random.Next(64));
        Ioctl(p, descriptor, request, _random.Next(3) == 0 ? WildAddress(p) : Bytes(p, torn), wellFormed: false);
    }

    private ulong WildAddress(FuzzedProcess p) => _random.Next(6) switch
    {
        0 => 0,
        1 => (ulong)_random.NextInt64(),
        2 => ulong.MaxValue - (ulong)_random.Next(64),
        3 => 0x7fff_ffff_f000 - (ulong)_random.Next(64),
        4 => p.ReadOnly,
        _ => p.BufferEnd - (ulong)_random.Next(40),
    };

    private void Memory(FuzzedProcess p)
    {
        // Holes open and close in the buffer that maps use; mappings stay pinned.
        ulong at = p.Buffer + ((ulong)_random.Next(8) * Page);
        Note(p.Process.Protect(at, Page, _random.Next(4) == 0 ? MemoryProtection.None : MemoryProtection.ReadWrite));
        if (_random.Next(200) == 0) p.NewBuffer();
    }

    private void Limits(FuzzedProcess p)
    {
        if (p.Index == 0) return; // stays root, so that some calls always may
        p.Process.Limits.Drop((int)Capability.IpcLock);
        if (_random.Next(10) == 0) p.Process.Limits.Drop(24); // CAP_SYS_RESOURCE: the limit can only go down from here
        Note(p.Process.Limits.SetMemlock((ulong)_random.Next(300) * Page));
    }

    private void Close(FuzzedProcess p)
    {
        List<int> list = _random.Next(5) switch { 0 => p.Containers, 1 => p.Groups, 2 => p.Events, _ => p.Devices };
        if (list.Count == 0) return;
        int at = _random.Next(list.Count);
        Note(p.Process.Close(list[at]));
        list.RemoveAt(at);
    }

    private void Keep(List<int> list, KernelResult opened)
    {
        Note(opened);
        if (opened.IsSuccess) list.Add((int)opened.Value);
    }

    private KernelResult Ioctl(FuzzedProcess p, int descriptor, uint request, ulong argument, bool wellFormed = true)
    {
        Ioctls++;
        if (wellFormed) WellFormed++;
        KernelResult result = p.Process.Ioctl(descriptor, request, argument);
        Note(result);
        return result;
    }

    private void Note(KernelResult result) => Refusals.Note(result);

    private uint Argsz(uint right) => _random.Next(25) == 0 ? (uint)_random.Next(48) : right;

    private ulong Misaligned() => _random.Next(30) == 0 ? 1UL : 0;

    private ulong Size() => _random.Next(20) switch
    {
        0 => 0,
        1 => 1,
        2 => ulong.MaxValue - 4095,
        3 => 1UL << 44,
        _ => (ulong)_random.Next(1, 33) * Page,
    };

    private ulong Struct<T>(FuzzedProcess p, T value)
        where T : unmanaged => Bytes(p, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    private ulong Struct<T, TRest>(FuzzedProcess p, T value, params ReadOnlySpan<TRest> rest)
        where T : unmanaged
        where TRest : unmanaged
    {
        ReadOnlySpan<byte> first = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)), second = MemoryMarshal.AsBytes(rest);
        var all = new byte[first.Length + second.Length];
        first.CopyTo(all);
        second.CopyTo(all.AsSpan(first.Length));
        return Bytes(p, all);
    }

    private ulong Name(FuzzedProcess p, string name)
    {
        if (name.Length < 4000) return Bytes(p, Encoding.ASCII.GetBytes(name + "\0"));
        p.Process.Memory.TryWrite(p.Buffer, Encoding.ASCII.GetBytes(name));
        return p.Buffer;
    }

    private ulong Bytes(FuzzedProcess p, ReadOnlySpan<byte> bytes)
    {
        // Now and then the struct ends just where its memory does.
        ulong at = _random.Next(4) == 0 ? p.ScratchEnd - (ulong)bytes.Length : p.Scratch;
        p.Process.Memory.TryWrite(at, bytes);
        return at;
    }

    private T Pick<T>(T[] items) => items[_random.Next(items.Length)];

    // The newest most often: it is the one that was set up.
    private int PickOr(List<int> list) => list.Count == 0 ? -1 : _random.Next(3) == 0 ? list[_random.Next(list.Count)] : list[^1];
}
