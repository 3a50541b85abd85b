// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Samples;

/// <summary>A user-space driver of QEMU's edu device: factorials and DMA, completed by interrupts.</summary>
public sealed class EduDriver : IDisposable
{
    /// <summary>PCI identity.</summary>
    public const ushort VendorId = 0x1234, DeviceId = 0x11e8;

    /// <summary>What <see cref="Identify"/> gives: major and minor version, and 0xed.</summary>
    public const uint Identification = 0x010000ed;

    /// <summary>Size of the device's own buffer, the other end of each DMA.</summary>
    public const int BufferSize = 4096;

    // Registers of BAR 0 (QEMU, docs/specs/edu.rst).
    private const ulong IdentificationAt = 0x00, LivenessAt = 0x04, FactorialAt = 0x08, StatusAt = 0x20, InterruptStatusAt = 0x24,
        InterruptAcknowledgeAt = 0x64, DmaSourceAt = 0x80, DmaDestinationAt = 0x88, DmaCountAt = 0x90, DmaCommandAt = 0x98;

    private const uint RaiseWhenComputed = 0x80, Computed = 0x001, DmaDone = 0x100;
    private const ulong StartDma = 1, ToMemory = 2, RaiseWhenDone = 4, BufferAddress = 0x40000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly VfioRegion _registers;
    private readonly bool _isBigEndian;
    private readonly VfioInterrupt _interrupt;

    /// <summary>Takes the device into use: decoding and bus mastering on, INTx enabled, BAR 0 mapped or else read by pread.</summary>
    public EduDriver(VfioDevice device, bool mapRegisters = true)
    {
        device.Config.Enable(PciCommand.Memory | PciCommand.Master);
        _registers = mapRegisters ? device.MapRegion(VfioPciRegionIndex.Bar0) : device.OpenRegion(VfioPciRegionIndex.Bar0);
        _interrupt = device.EnableInterrupt(VfioPciIrqIndex.Intx);

        // Its registers have the byte order of the machine that QEMU plays: big-endian on POWER.
        _isBigEndian = _registers.Read32BigEndian(IdentificationAt) == Identification;
    }

    /// <summary>Interrupts served so far.</summary>
    public int Interrupts { get; private set; }

    /// <summary>The identification register.</summary>
    public uint Identify() => Read(IdentificationAt);

    /// <summary>The liveness register answers the complement of what was written.</summary>
    public uint Complement(uint value)
    {
        Write(LivenessAt, value);
        return Read(LivenessAt);
    }

    /// <summary>Has the device compute <paramref name="number"/>! modulo 2^32, and waits for its interrupt.</summary>
    public uint ComputeFactorial(uint number)
    {
        Write(StatusAt, RaiseWhenComputed);
        Write(FactorialAt, number);
        WaitFor(Computed);
        return Read(FactorialAt);
    }

    /// <summary>The device reads memory into its buffer by DMA.</summary>
    public void ReadMemory(Iova source, int count) => Transfer(source.Value, BufferAddress, count, StartDma);

    /// <summary>The device writes its buffer to memory by DMA.</summary>
    public void WriteMemory(Iova destination, int count) => Transfer(BufferAddress, destination.Value, count, StartDma | ToMemory);

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _registers.Dispose();
    }

    private uint Read(ulong register) => _isBigEndian ? _registers.Read32BigEndian(register) : _registers.Read32(register);

    private void Write(ulong register, uint value)
    {
        if (_isBigEndian) _registers.Write32BigEndian(register, value);
        else _registers.Write32(register, value);
    }

    private void Write64(ulong register, ulong value)
    {
        if (_isBigEndian) _registers.Write64BigEndian(register, value);
        else _registers.Write64(register, value);
    }

    private void Transfer(ulong source, ulong destination, int count, ulong command)
    {
        Write64(DmaSourceAt, source);
        Write64(DmaDestinationAt, destination);
        Write64(DmaCountAt, (ulong)count);
        Write64(DmaCommandAt, command | RaiseWhenDone);
        WaitFor(DmaDone);
    }

    // INTx is level-triggered and masks itself when it fires: quieten the device first, then unmask.
    private void WaitFor(uint cause)
    {
        if (!_interrupt.Wait(s_patience)) throw new TimeoutException($"edu raised no interrupt within {s_patience.TotalSeconds} s");
        uint causes = Read(InterruptStatusAt);
        Write(InterruptAcknowledgeAt, causes);
        _interrupt.Unmask();
        Interrupts++;
        if ((causes & cause) == 0) throw new InvalidOperationException($"edu raised 0x{causes:x}, not 0x{cause:x}");
    }
}
