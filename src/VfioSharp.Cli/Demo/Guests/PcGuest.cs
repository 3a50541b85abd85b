// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Guest;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Pc;
using VfioSharp.Guest.Pci;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Demo.Guests;

/// <summary>A PC: configuration space in memory, DMA to the guest's own addresses, messages with vectors that it chooses.</summary>
internal sealed class PcGuest : GuestMachine
{
    private const ulong MessageAddress = 0xfee0_0000;

    private readonly EcamOptions _options = new();
    private readonly EcamHostBridge _bridge;
    private uint _nextVector = 0x40;

    public PcGuest(IVfioKernel kernel)
        : base(kernel) => _bridge = new EcamHostBridge(_options, Memory, this, Events);

    /// <inheritdoc/>
    public override GuestPciBus Bus => _bridge.Bus;

    /// <inheritdoc/>
    public override string Description => $"a PC with 0x{RamBytes:x} bytes of memory, configuration space at {_options.ConfigWindow}";

    /// <inheritdoc/>
    public override ulong FirstBar => _options.MemoryWindow.Value;

    /// <inheritdoc/>
    public override uint ReadConfig(byte function, int offset, int width) => (uint)Load(Ecam(function, offset), width);

    /// <inheritdoc/>
    public override void WriteConfig(byte function, int offset, int width, uint value) => Store(Ecam(function, offset), width, value);

    /// <inheritdoc/>
    public override GuestPhysicalAddress AddressOf(ulong onBus) => new(onBus);

    /// <inheritdoc/>
    public override Iova MapForDma(GuestPhysicalAddress address, ulong bytes) => new(address.Value);

    /// <inheritdoc/>
    public override int InterruptOf(byte function) => _options.FirstInput + Bus.Find(function)!.InterruptLine;

    /// <inheritdoc/>
    public override void EndOfInterrupt(int interrupt)
    {
        lock (Events.Gate) _bridge.EndOfInterrupt(interrupt);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<MsiMessage> ChooseMessages(byte function, int capability, bool isMsix, int vectors)
    {
        uint first = _nextVector;
        _nextVector += (uint)vectors;
        MsiMessage[] messages = [.. Enumerable.Range(0, vectors).Select(vector => new MsiMessage(MessageAddress, first + (uint)vector))];
        if (isMsix) return messages;
        bool is64Bit = (ReadConfig(function, capability + PciMsi.Flags, 2) & PciMsi.Flags64Bit) != 0;
        WriteConfig(function, capability + PciMsi.AddressLo, 4, (uint)MessageAddress);
        if (is64Bit) WriteConfig(function, capability + PciMsi.AddressHi, 4, 0);
        WriteConfig(function, capability + (is64Bit ? PciMsi.Data64 : PciMsi.Data32), 2, first);
        return messages;
    }

    private GuestPhysicalAddress Ecam(byte function, int offset) => new(_options.ConfigWindow.Value + ((ulong)function << 12) + (ulong)offset);
}
