// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>Writes to BARs that eventfds set off (vfio_pci_rdwr.c: vfio_pci_ioeventfd). Made anew at each open.</summary>
internal sealed class IoEvents
{
    private const string Call = "DEVICE_IOEVENTFD";

    // The most a device may have (VFIO_PCI_IOEVENTFD_MAX).
    private const int Most = 1000;

    private readonly PciFunction _function;
    private readonly VirtualConfig _config;
    private readonly RegionAccess _access;
    private readonly MsixTable _msix;

    // Guards _events. Events act on workers, which do not take it.
    private readonly RankedLock _lock = new(LockRank.IoEvents);
    private readonly List<IoEvent> _events = [];

    public IoEvents(PciFunction function, VirtualConfig config, RegionAccess access, MsixTable msix)
    {
        _function = function;
        _config = config;
        _access = access;
        _msix = msix;
    }

    /// <summary>DEVICE_IOEVENTFD.</summary>
    public KernelResult Set(Caller caller, ulong argument)
    {
        const int smallest = 28;
        const uint widths = 0xf;
        VfioDeviceIoeventfd request = default;
        if (!UserMemory.TryRead(caller, argument, ref request, smallest)) return UserMemory.Fault(Call, argument, smallest);
        if (request.Argsz < smallest) return UserMemory.ShortArgument(Call, request.Argsz, smallest);
        if ((request.Flags & ~widths) != 0 || BitOperations.PopCount(request.Flags) != 1 || request.Fd < -1)
        {
            return Refuse($"flags 0x{request.Flags:x} must be one of 1, 2, 4, 8, and descriptor {request.Fd} not below -1");
        }

        int bar = (int)(request.Offset >> 40);
        var write = new IoWrite(bar, request.Offset & ((1UL << 40) - 1), (int)request.Flags, request.Data);
        if (request.Offset >> 40 > VfioPciRegionIndex.Bar5) return Refuse($"region {request.Offset >> 40} is no BAR");
        ulong end = write.Offset + (ulong)write.Width;
        if (end > _function.Bars[bar].Size) return Refuse($"{write.Width} bytes at 0x{write.Offset:x} reach past the 0x{_function.Bars[bar].Size:x} bytes of BAR {bar}");
        if (bar == _msix.Bar && end > _msix.Offset && write.Offset < _msix.Offset + _msix.Size)
        {
            return Refuse($"{write.Width} bytes at 0x{write.Offset:x} touch the MSI-X table at 0x{_msix.Offset:x}");
        }

        if (write.Width == 8) return Refuse($"8 bytes at 0x{write.Offset:x}: the kernel offers 1, 2 and 4");
        using (_lock.EnterScope()) return request.Fd < 0 ? Remove(write) : Add(caller, write, request.Fd);
    }

    /// <summary>Ends all, at close.</summary>
    public void Clear()
    {
        using (_lock.EnterScope())
        {
            foreach (IoEvent entry in _events) entry.End();
            _events.Clear();
        }
    }

    private KernelResult Remove(IoWrite write)
    {
        int index = _events.FindIndex(entry => entry.Write == write);
        if (index < 0) return KernelResult.Fail(Errno.ENODEV, $"{Call}: there is none for {write}");
        _events[index].End();
        _events.RemoveAt(index);
        return KernelResult.Success;
    }

    private KernelResult Add(Caller caller, IoWrite write, int descriptor)
    {
        if (_events.Exists(entry => entry.Write == write)) return KernelResult.Fail(Errno.EEXIST, $"{Call}: there is one for {write} already");
        if (_events.Count >= Most) return KernelResult.Fail(Errno.ENOSPC, $"{Call}: {_function.Address} has {Most} already, the most allowed");
        KernelResult found = caller.Files.FindEvent(descriptor, out IEventHandle? handle);
        if (found.IsError) return found;
        _events.Add(new IoEvent(this, write, handle!));
        return KernelResult.Success;
    }

    private void Do(IoWrite write)
    {
        _config.Gate.Enter();
        try
        {
            if (_function.Bars[write.Bar].IsMemory && !_config.IsMemoryEnabled) return;
            _access.Store(write.Bar, write.Offset, write.Width, write.Data);
        }
        finally
        {
            _config.Gate.Exit();
        }
    }

    private static KernelResult Refuse(string why) => KernelResult.Fail(Errno.EINVAL, $"DEVICE_IOEVENTFD: {why}");

    private readonly record struct IoWrite(int Bar, ulong Offset, int Width, ulong Data);

    // Acts on a worker: whoever signals the eventfd may hold locks of this device or of another one.
    private sealed class IoEvent : IThreadPoolWorkItem
    {
        private readonly IoEvents _owner;
        private readonly IEventHandle _handle;
        private readonly IDisposable _subscription;
        private volatile bool _ended;

        public IoEvent(IoEvents owner, IoWrite write, IEventHandle handle)
        {
            _owner = owner;
            Write = write;
            _handle = handle;
            _subscription = handle.Subscribe(() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false));
        }

        public IoWrite Write { get; }

        public void Execute()
        {
            if (!_ended) _owner.Do(Write);
        }

        public void End()
        {
            _ended = true;
            _subscription.Dispose();
            _handle.Dispose();
        }
    }
}
