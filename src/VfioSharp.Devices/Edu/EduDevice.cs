// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;

namespace VfioSharp.Devices.Edu;

/// <summary>
/// QEMU's educational device (docs/specs/edu.rst, hw/misc/edu.c): factorials on a worker, interrupts, and a DMA
/// engine with a buffer of 4 KiB, which takes 100 ms for a transfer. No reset clears its registers.
/// </summary>
public sealed class EduDevice : ModelledFunction, IThreadPoolWorkItem, IDisposable
{
    private static readonly TimeSpan TransferTime = TimeSpan.FromMilliseconds(100);

    private readonly EduOptions _options;
    private readonly ITimer _timer;

    // Guards the registers below. Taken before the function's interrupt lock; never held while DMA is done.
    private readonly RankedLock _lock = new(LockRank.DeviceModel);
    private uint _liveness;
    private uint _factorial;
    private uint _status;
    private uint _interrupts;
    private ulong _source;
    private ulong _destination;
    private ulong _count;
    private ulong _command;

    // The transfer's alone: one runs at a time, and registers do not reach it.
    private readonly byte[] _buffer = new byte[EduRegister.BufferSize];

    /// <summary>Makes an edu device.</summary>
    public EduDevice(DeviceDescription description, EduOptions options, TimeProvider time)
        : base(description)
    {
        ArgumentNullException.ThrowIfNull(time);
        _options = options;
        _timer = time.CreateTimer(static device => ((EduDevice)device!).Transfer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public override ulong ReadBar(int bar, ulong offset, int width)
    {
        // Accesses the device does not decode as such (below 4 bytes, unaligned) read 0; wrong widths read ones.
        if (width < 4 || offset % (ulong)width != 0) return 0;
        if (offset < EduRegister.DmaSource && width != 4) return ulong.MaxValue;
        ulong value;
        using (_lock.EnterScope()) value = ReadRegister(offset);
        return Swap(value, width);
    }

    /// <inheritdoc/>
    public override void WriteBar(int bar, ulong offset, int width, ulong value)
    {
        if (width < 4 || offset % (ulong)width != 0) return;
        if (offset < EduRegister.DmaSource && width != 4) return;
        value = Swap(value, width);
        using (_lock.EnterScope()) WriteRegister(offset, width == 4 ? (uint)value : value);
    }

    /// <summary>The factorial, on a worker. Products are of 32 bits, so from 34 on they are 0 and stay so.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        uint number;
        using (_lock.EnterScope()) number = _factorial;
        uint product = 1;
        for (; number > 0 && product != 0; number--) product = unchecked(product * number);
        using (_lock.EnterScope())
        {
            _factorial = product;
            _status &= ~EduRegister.StatusComputing;
            if ((_status & EduRegister.StatusRaiseWhenDone) != 0) Raise(EduRegister.FactorialInterrupt);
        }
    }

    /// <summary>Stops its timer.</summary>
    public void Dispose() => _timer.Dispose();

    private ulong ReadRegister(ulong offset) => offset switch
    {
        EduRegister.Identification => EduRegister.IdentificationValue,
        EduRegister.Liveness => _liveness,
        EduRegister.Factorial => _factorial,
        EduRegister.Status => _status,
        EduRegister.InterruptStatus => _interrupts,
        EduRegister.DmaSource => _source,
        EduRegister.DmaDestination => _destination,
        EduRegister.DmaCount => _count,
        EduRegister.DmaCommand => _command,
        _ => ulong.MaxValue,
    };

    private void WriteRegister(ulong offset, ulong value)
    {
        bool running = (_command & EduRegister.DmaRun) != 0;
        switch (offset)
        {
            case EduRegister.Liveness:
                _liveness = ~(uint)value;
                break;
            case EduRegister.Factorial when (_status & EduRegister.StatusComputing) == 0:
                _factorial = (uint)value;
                _status |= EduRegister.StatusComputing;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                break;
            case EduRegister.Status:
                _status = (_status & ~EduRegister.StatusRaiseWhenDone) | ((uint)value & EduRegister.StatusRaiseWhenDone);
                break;
            case EduRegister.InterruptRaise:
                Raise((uint)value);
                break;
            case EduRegister.InterruptAcknowledge:
                _interrupts &= ~(uint)value;
                if (_interrupts == 0 && !IsMsiEnabled) SetIntx(false);
                break;
            case EduRegister.DmaSource when !running:
                _source = value;
                break;
            case EduRegister.DmaDestination when !running:
                _destination = value;
                break;
            case EduRegister.DmaCount when !running:
                _count = value;
                break;
            case EduRegister.DmaCommand when !running && (value & EduRegister.DmaRun) != 0:
                _command = value;
                _timer.Change(TransferTime, Timeout.InfiniteTimeSpan);
                break;
            default:
                break;
        }
    }

    private void Raise(uint interrupts)
    {
        _interrupts |= interrupts;
        if (_interrupts == 0) return;
        if (IsMsiEnabled) SendMessage(0);
        else SetIntx(true);
    }

    private void Transfer()
    {
        ulong command;
        ulong source;
        ulong destination;
        ulong count;
        using (_lock.EnterScope()) (command, source, destination, count) = (_command, _source, _destination, _count);
        if ((command & EduRegister.DmaRun) == 0) return;
        bool toHost = (command & EduRegister.DmaToHost) != 0;
        ulong inBuffer = (toHost ? source : destination) - EduRegister.BufferAddress;
        var iova = new Iova((toHost ? destination : source) & _options.DmaMask);
        // A range outside the buffer is dropped, and the command still ends.
        if (inBuffer <= EduRegister.BufferSize && count <= EduRegister.BufferSize - inBuffer)
        {
            Span<byte> part = _buffer.AsSpan((int)inBuffer, (int)count);
            // COMMAND decides at the time of the transfer: without bus mastering reads give zeros, writes vanish.
            Move(toHost, iova, part);
        }

        using (_lock.EnterScope())
        {
            _command &= ~EduRegister.DmaRun;
            if ((_command & EduRegister.DmaRaiseWhenDone) != 0) Raise(EduRegister.DmaInterrupt);
        }
    }

    private void Move(bool toHost, Iova iova, Span<byte> part)
    {
        if (!IsBusMaster || Dma is not { } port)
        {
            if (!toHost) part.Clear();
        }
        else if (toHost)
        {
            port.Write(iova, part);
        }
        else
        {
            port.Read(iova, part);
        }
    }

    private ulong Swap(ulong value, int width)
    {
        if (!_options.BigEndian) return value;
        return width == 4 ? BinaryPrimitives.ReverseEndianness((uint)value) : BinaryPrimitives.ReverseEndianness(value);
    }
}
