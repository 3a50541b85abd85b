// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Guest;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Kernel;
using VfioSharp.Samples;

namespace VfioSharp.Cli.Demo.Guests;

/// <summary>The guest's driver of an edu device: factorials and DMA, completed by INTx or by a message.</summary>
internal sealed class GuestEdu
{
    // Registers of BAR 0 (QEMU, docs/specs/edu.rst).
    private const ulong LivenessAt = 0x04, FactorialAt = 0x08, StatusAt = 0x20, InterruptStatusAt = 0x24, InterruptAcknowledgeAt = 0x64,
        DmaSourceAt = 0x80, DmaDestinationAt = 0x88, DmaCountAt = 0x90, DmaCommandAt = 0x98;

    private const uint RaiseWhenComputed = 0x80;
    private const ulong StartDma = 1, ToMemory = 2, RaiseWhenDone = 4, BufferAddress = 0x40000;

    private readonly GuestMachine _guest;
    private readonly byte _function;
    private readonly GuestPhysicalAddress _registers;
    private readonly bool _isBigEndian;
    private MsiMessage? _message;

    /// <summary>Takes the device into use, with INTx.</summary>
    public GuestEdu(GuestMachine guest, FoundDevice device)
    {
        _guest = guest;
        _function = device.Function;
        _registers = device.Bars[0];
        GuestFirmware.Enable(guest, _function);
        _isBigEndian = BinaryPrimitives.ReverseEndianness((uint)guest.Load(_registers, sizeof(uint))) == EduDriver.Identification;
    }

    /// <summary>Interrupts served so far.</summary>
    public int Interrupts { get; private set; }

    /// <summary>The identification register.</summary>
    public uint Identify() => Read(0);

    /// <summary>The liveness register answers the complement of what was written.</summary>
    public uint Complement(uint value)
    {
        Write(LivenessAt, value);
        return Read(LivenessAt);
    }

    /// <summary>Uses MSI from now on.</summary>
    public MsiMessage EnableMsi()
    {
        int capability = GuestFirmware.FindCapability(_guest, _function, PciCapId.Msi);
        if (capability == 0) throw new DemoException("edu has no MSI capability in the guest");
        _message = _guest.ChooseMessages(_function, capability, isMsix: false, 1)[0];
        uint flags = _guest.ReadConfig(_function, capability + PciMsi.Flags, 2);
        _guest.WriteConfig(_function, capability + PciMsi.Flags, 2, flags | PciMsi.FlagsEnable);
        return _message.Value;
    }

    /// <summary>Uses INTx from now on.</summary>
    public void DisableMsi()
    {
        int capability = GuestFirmware.FindCapability(_guest, _function, PciCapId.Msi);
        uint flags = _guest.ReadConfig(_function, capability + PciMsi.Flags, 2);
        _guest.WriteConfig(_function, capability + PciMsi.Flags, 2, flags & ~(uint)PciMsi.FlagsEnable);
        _message = null;
    }

    /// <summary>Has the device compute <paramref name="number"/>! modulo 2^32, and waits for its interrupt.</summary>
    public uint ComputeFactorial(uint number)
    {
        int before = Count();
        Write(StatusAt, RaiseWhenComputed);
        Write(FactorialAt, number);
        Serve(before, "the factorial");
        return Read(FactorialAt);
    }

    /// <summary>The device reads memory into its buffer by DMA.</summary>
    public void ReadMemory(Iova source, int count) => Transfer(source.Value, BufferAddress, count, StartDma);

    /// <summary>The device writes its buffer to memory by DMA.</summary>
    public void WriteMemory(Iova destination, int count) => Transfer(BufferAddress, destination.Value, count, StartDma | ToMemory);

    private void Transfer(ulong source, ulong destination, int count, ulong command)
    {
        int before = Count();
        Write64(DmaSourceAt, source);
        Write64(DmaDestinationAt, destination);
        Write64(DmaCountAt, (ulong)count);
        Write64(DmaCommandAt, command | RaiseWhenDone);
        Serve(before, "DMA");
    }

    private int Count() => _message is { } message ? _guest.CountOf(message) : 0;

    // A level: quieten the device first, then say that the interrupt has ended. A message is over when it has come.
    private void Serve(int before, string what)
    {
        if (_message is { } message)
        {
            _guest.WaitUntil(() => _guest.CountOf(message) > before, $"the message of {what}");
            Write(InterruptAcknowledgeAt, Read(InterruptStatusAt));
        }
        else
        {
            int interrupt = _guest.InterruptOf(_function);
            _guest.WaitUntil(() => _guest.IsRaised(interrupt), $"INTx of {what}");
            Write(InterruptAcknowledgeAt, Read(InterruptStatusAt));
            _guest.EndOfInterrupt(interrupt);
            if (_guest.IsRaised(interrupt)) throw new DemoException($"interrupt 0x{interrupt:x} stayed up after its end");
        }

        Interrupts++;
    }

    private uint Read(ulong register)
    {
        uint value = (uint)_guest.Load(_registers + register, sizeof(uint));
        return _isBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    private void Write(ulong register, uint value) =>
        _guest.Store(_registers + register, sizeof(uint), _isBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

    private void Write64(ulong register, ulong value) =>
        _guest.Store(_registers + register, sizeof(ulong), _isBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
}
