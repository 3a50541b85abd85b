// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using System.Text;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.Fuzz;

/// <summary>
/// A process with one device, which reads and writes its configuration and its regions and calls SET_IRQS at random,
/// while the device raises interrupts. Deterministic by seed, but for eventfds that unmask on a worker.
/// </summary>
internal sealed class DeviceFuzzer
{
    public const string Token = "10112233-4455-6677-8899-aabbccddeeff";

    private const ulong Page = 4096;
    private const int ConfigRegion = (int)VfioPciRegionIndex.Config;
    private const int EventCount = 5;

    private readonly SoftwareHost _host;
    private readonly PciFunction _function;
    private readonly Random _random;
    private readonly RefusalLog _refusals;
    private readonly SoftwareProcess _process;
    private readonly ulong _argument;
    private readonly ulong _data;
    private readonly ulong[] _regionSizes = new ulong[VfioPciRegionIndex.Count];
    private readonly uint[] _irqCounts = new uint[VfioPciIrqIndex.Count];
    private readonly int[] _events = new int[EventCount];
    private readonly List<WeakReference> _allEvents = [];
    private int[] _irqIndexes = [];
    private int _container;
    private int _group;
    private int _device;

    public DeviceFuzzer(SoftwareHost host, PciFunction function, int seed, RefusalLog refusals)
    {
        _host = host;
        _function = function;
        _random = new Random(seed);
        _refusals = refusals;
        _process = host.CreateProcess("fuzz " + function.Address);
        _argument = (ulong)_process.MapAnonymous(4 * Page, Page, MemoryProtection.ReadWrite, MemoryKind.Private).Value;
        _data = (ulong)_process.MapAnonymous(16 * Page, Page, MemoryProtection.ReadWrite, MemoryKind.Private).Value;
    }

    public SoftwareProcess Process => _process;

    public FuzzedCalls Config { get; } = new("config");

    public FuzzedCalls Regions { get; } = new("regions");

    public FuzzedCalls Irqs { get; } = new("SET_IRQS");

    public FuzzedCalls Others { get; } = new("others");

    public long Calls => Config.Made + Regions.Made + Irqs.Made + Others.Made;

    /// <summary>Signals that eventfds were found with.</summary>
    public ulong Signals { get; private set; }

    /// <summary>The eventfds of the process, to see whether something still has them after its end.</summary>
    public IReadOnlyList<WeakReference> Events => _allEvents;

    /// <summary>Whether any region but configuration space can be accessed.</summary>
    public bool HasRegions => _regionSizes.Where((size, index) => index != ConfigRegion && size != 0).Any();

    /// <summary>Opens container, group and device, as the first user of a device does.</summary>
    public KernelResult Open(int group)
    {
        _container = Descriptor(_process.Open("/dev/vfio/vfio", OpenMode.ReadWrite));
        KernelResult opened = _process.Open($"/dev/vfio/{group}", OpenMode.ReadWrite);
        if (opened.IsError) return opened;
        _group = (int)opened.Value;
        KernelResult attached = _process.Ioctl(_group, VfioIoctl.GroupSetContainer, Put(_container));
        if (attached.IsError) return attached;
        KernelResult iommu = _process.Ioctl(_container, VfioIoctl.SetIommu, VfioExtension.Type1V2);
        if (iommu.IsError) return iommu;
        KernelResult device = OpenDevice();
        if (device.IsError) return device;
        for (int i = 0; i < EventCount; i++) _events[i] = NewEvent();
        for (int i = 0; i < _regionSizes.Length; i++) _regionSizes[i] = RegionSize(i);
        for (int i = 0; i < _irqCounts.Length; i++) _irqCounts[i] = IrqCount(i);
        _irqIndexes = [.. Enumerable.Range(0, _irqCounts.Length).Where(index => _irqCounts[index] != 0)];
        return KernelResult.Success;
    }

    public void Run(long calls)
    {
        while (Calls < calls) Step();
    }

    private void Step()
    {
        switch (_random.Next(100))
        {
            case < 28: Config.Note(_refusals, Transfer(ConfigRegion, ConfigOffset())); break;
            case < 50:
                int region = _random.Next(40) == 0 ? _random.Next(12) : PickRegion();
                Regions.Note(_refusals, Transfer(region, Offset(region)));
                break;
            case < 54: Mapping(); break;
            case < 84: Irqs.Note(_refusals, SetIrqs()); break;
            case < 90: Raise(); break;
            case < 93: Revive(); break;
            case < 95: Signals += Take(_random.Next(EventCount)); break;
            case < 97: Others.Note(_refusals, IoEvent()); break;
            case < 98: ReplaceEvent(); break;
            default: Rare(); break;
        }
    }

    private ulong ConfigOffset() => _random.Next(10) switch
    {
        0 => (ulong)_random.Next(0x1100),
        1 => _regionSizes[ConfigRegion] - (ulong)_random.Next(12),
        < 6 => (ulong)_random.Next(0x40),
        _ => (ulong)_random.Next(0x40, 0x160),
    };

    private ulong Offset(int region)
    {
        ulong size = region < _regionSizes.Length ? _regionSizes[region] : 0;
        return _random.Next(8) switch
        {
            0 => size - (ulong)_random.Next(20),
            1 => (ulong)_random.NextInt64(),
            2 when region == VfioPciRegionIndex.Vga => (ulong)_random.Next(0x3b0, 0x3e0),
            2 or 3 => (ulong)_random.NextInt64((long)Math.Max(size, 1)),
            _ => (ulong)_random.Next(0x100),
        };
    }

    private KernelResult Transfer(int region, ulong offset)
    {
        ulong count = (ulong)(_random.Next(20) == 0 ? _random.Next(600) : _random.Next(5) == 0 ? _random.Next(12) : 1 << _random.Next(4));
        ulong address = _random.Next(40) switch { 0 => 0x10, 1 => _data + (16 * Page) - (ulong)_random.Next(8), _ => _data + (ulong)_random.Next(64) };
        ulong at = ((ulong)region << 40) + (offset & 0xff_ffff_ffff);
        KernelResult result;
        if (_random.Next(2) == 0)
        {
            result = _process.Read(_device, address, count, at);
        }
        else
        {
            Span<byte> bytes = stackalloc byte[64];
            _random.NextBytes(bytes);
            _process.Memory.TryWrite(_data, bytes);
            result = _process.Write(_device, address, count, at);
        }

        Assert.True(result.IsError || (ulong)result.Value <= count, $"{result} of {count} bytes");
        return result;
    }

    private void Mapping()
    {
        ulong pages = (ulong)_random.Next(1, 4);
        int region = PickRegion();
        KernelResult mapped = _process.MapFile(_device, ((ulong)region << 40) + ((ulong)_random.Next(3) * Page), pages * Page, MemoryProtection.ReadWrite, _random.Next(12) != 0);
        Regions.Note(_refusals, mapped);
        if (mapped.IsError) return;
        ulong at = (ulong)mapped.Value + ((ulong)_random.NextInt64((long)(pages * Page)) & ~7UL);
        int width = 1 << _random.Next(4);
        if (_random.Next(2) == 0) _process.Load(at, width, out _);
        else _process.Store(at, width, (ulong)_random.NextInt64());

        // Some stay, so that the end of the process finds them.
        if (_random.Next(50) != 0) _process.Unmap((ulong)mapped.Value, pages * Page);
    }

    private KernelResult SetIrqs()
    {
        // Well formed nearly always: what is refused early shows nothing of what lies behind.
        uint index = (uint)(_random.Next(40) == 0 ? _random.Next(8) : Pick(_irqIndexes));
        bool isWild = _random.Next(12) == 0;
        uint interrupts = index < _irqCounts.Length ? Math.Max(_irqCounts[index], 1) : 1;
        if (_random.Next(8) == 0) return SetIrqs(index, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, 0, 0, 0);
        uint data = isWild ? (uint)_random.Next(8) : _random.Next(4) switch { 0 => VfioIrqSetFlags.DataNone, 1 => VfioIrqSetFlags.DataBool, _ => VfioIrqSetFlags.DataEventfd };
        uint action = isWild ? 8u << _random.Next(4) : index != VfioPciIrqIndex.Intx ? VfioIrqSetFlags.ActionTrigger : _random.Next(3) switch { 0 => VfioIrqSetFlags.ActionMask, 1 => VfioIrqSetFlags.ActionUnmask, _ => VfioIrqSetFlags.ActionTrigger };
        uint start = isWild ? (uint)(_random.Next(3) == 0 ? _random.Next() : _random.Next(12)) : (uint)_random.Next(2) * (uint)_random.Next((int)interrupts);
        uint count = isWild ? (_random.Next(3) == 0 ? uint.MaxValue - (uint)_random.Next(4) : (uint)_random.Next(70)) : (uint)_random.Next(1, (int)Math.Min(interrupts - start, 70) + 1);
        uint size = data switch { VfioIrqSetFlags.DataBool => Math.Min(count, 70), VfioIrqSetFlags.DataEventfd => 4 * Math.Min(count, 70), _ => 0 };
        return SetIrqs(index, data | action, start, count, size);
    }

    private KernelResult SetIrqs(uint index, uint flags, uint start, uint count, uint size)
    {
        var header = new VfioIrqSet { Argsz = _random.Next(40) == 0 ? (uint)_random.Next(40) : 20 + size, Flags = flags, Index = index, Start = start, Count = count };
        Span<int> data = stackalloc int[70];
        bool isBool = (flags & VfioIrqSetFlags.DataTypeMask) == VfioIrqSetFlags.DataBool;

        // Mostly good ones: with many a bad one would end each block.
        foreach (ref int slot in data) slot = isBool ? _random.Next() & 0x01010101 : _random.Next(60) switch { 0 => 999, 1 => _device, 2 => -2, < 10 => -1, _ => _events[_random.Next(EventCount)] };

        // Now and then the argument ends just where its memory does, or a bit earlier.
        ulong at = _random.Next(10) == 0 ? _argument + (4 * Page) - 20 - size + (ulong)_random.Next(2) : _argument;
        _process.Memory.TryWrite(at, MemoryMarshal.AsBytes(new ReadOnlySpan<VfioIrqSet>(in header))[..20]);
        _process.Memory.TryWrite(at + 20, MemoryMarshal.AsBytes(data)[..(int)size]);
        return _process.Ioctl(_device, VfioIoctl.DeviceSetIrqs, at);
    }

    // What the device does by itself.
    private void Raise()
    {
        if (_random.Next(3) == 0) _function.InterruptSink?.IntxChanged(_random.Next(2) == 0);
        else _function.InterruptSink?.Message(_random.Next(12));
    }

    // Random bits in COMMAND and in the power state turn a device off sooner than on.
    private void Revive()
    {
        _process.Memory.TryWrite(_data, [0, 0]);
        if (PowerControl() is int control) Config.Note(_refusals, _process.Write(_device, _data, 2, ((ulong)ConfigRegion << 40) + (ulong)control));
        _process.Memory.TryWrite(_data, [7, 0]);
        Config.Note(_refusals, _process.Write(_device, _data, 2, ((ulong)ConfigRegion << 40) + 4));
    }

    private int? PowerControl()
    {
        const int PowerManagement = 1;
        int at = (int)_function.ReadConfig(0x34, 1), steps = 0;
        while (at is >= 0x40 and < 0xfc && steps++ < 48)
        {
            if (_function.ReadConfig(at, 1) == PowerManagement) return at + 4;
            at = (int)_function.ReadConfig(at + 1, 1);
        }

        return null;
    }

    private KernelResult IoEvent() => _process.Ioctl(_device, VfioIoctl.DeviceIoeventfd, Put(new VfioDeviceIoeventfd
    {
        Argsz = _random.Next(20) == 0 ? (uint)_random.Next(40) : 32,
        Flags = _random.Next(20) == 0 ? (uint)_random.Next(32) : 1u << _random.Next(4),
        Offset = ((ulong)_random.Next(3) << 40) + (ulong)(_random.Next(16) * 4),
        Data = (ulong)_random.Next(3),
        Fd = _random.Next(8) switch { 0 => 999, 1 or 2 => -1, _ => _events[_random.Next(EventCount)] },
    }));

    private void ReplaceEvent()
    {
        int which = _random.Next(EventCount);
        if (_random.Next(2) == 0) _process.WriteEvent(_events[which], 1);
        Signals += Take(which);
        _process.Close(_events[which]);
        _events[which] = NewEvent();
    }

    private void Rare()
    {
        switch (_random.Next(8))
        {
            case 0:
                Others.Note(_refusals, _process.Ioctl(_device, VfioIoctl.DeviceReset, 0));
                break;
            case 1:
                // A device closed with everything set, and opened anew.
                Others.Note(_refusals, _process.Close(_device));
                KernelResult again = OpenDevice();
                Assert.True(again.IsSuccess, $"{_function.Address} cannot be opened again: {again}");
                break;
            case 2:
                Others.Note(_refusals, _process.Ioctl(_device, VfioIoctl.DeviceGetRegionInfo, Put(new VfioRegionInfo { Argsz = (uint)_random.Next(24, 80), Index = (uint)_random.Next(11) })));
                break;
            default:
                Others.Note(_refusals, _process.Ioctl(_device, VfioIoctl.DeviceGetIrqInfo, Put(new VfioIrqInfo { Argsz = (uint)_random.Next(14, 20), Index = (uint)_random.Next(6) })));
                break;
        }
    }

    private int Pick(int[] items) => items[_random.Next(items.Length)];

    private int PickRegion()
    {
        for (int tries = 0; tries < 30; tries++)
        {
            int region = _random.Next(_regionSizes.Length);
            if (region != ConfigRegion && _regionSizes[region] != 0) return region;
        }

        return 0;
    }

    private ulong RegionSize(int index)
    {
        var info = new VfioRegionInfo { Argsz = 32, Index = (uint)index };
        if (_process.Ioctl(_device, VfioIoctl.DeviceGetRegionInfo, Put(info)).IsError) return 0;
        _process.Memory.TryRead(_argument, MemoryMarshal.AsBytes(new Span<VfioRegionInfo>(ref info)));
        return info.Size;
    }

    private uint IrqCount(int index)
    {
        var info = new VfioIrqInfo { Argsz = 16, Index = (uint)index };
        if (_process.Ioctl(_device, VfioIoctl.DeviceGetIrqInfo, Put(info)).IsError) return 0;
        _process.Memory.TryRead(_argument, MemoryMarshal.AsBytes(new Span<VfioIrqInfo>(ref info)));
        return info.Count;
    }

    // A virtual function opens with its physical one's token, which the physical one sets by opening with it.
    private KernelResult OpenDevice()
    {
        bool isPart = _function.PhysicalFunction is not null || _host.Platform.Functions.Any(other => other.PhysicalFunction == _function);
        string request = _function.Address + (isPart ? " vf_token=" + Token : "") + "\0";
        _process.Memory.TryWrite(_argument, Encoding.ASCII.GetBytes(request));
        KernelResult opened = _process.Ioctl(_group, VfioIoctl.GroupGetDeviceFd, _argument);
        if (opened.IsSuccess) _device = (int)opened.Value;
        return opened;
    }

    private int NewEvent()
    {
        int descriptor = Descriptor(_process.CreateEvent(0));
        Assert.True(_process.Caller.Files.FindEvent(descriptor, out IEventHandle? handle).IsSuccess);
        _allEvents.Add(new WeakReference(handle));
        handle!.Dispose();
        return descriptor;
    }

    private ulong Take(int which) => _process.ReadEvent(_events[which], out ulong count).IsSuccess ? count : 0;

    private ulong Put<T>(T value)
        where T : unmanaged
    {
        _process.Memory.TryWrite(_argument, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
        return _argument;
    }

    private static int Descriptor(KernelResult result)
    {
        Assert.True(result.IsSuccess, result.ToString());
        return (int)result.Value;
    }
}
