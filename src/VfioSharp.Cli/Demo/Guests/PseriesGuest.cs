// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Globalization;
using VfioSharp.Guest;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Pci;
using VfioSharp.Guest.Spapr;
using VfioSharp.Guest.Spapr.Rtas;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Demo.Guests;

/// <summary>A pseries: everything of PCI goes by RTAS and hypercalls; devices reach what the guest put into a DMA window.</summary>
internal sealed class PseriesGuest : GuestMachine
{
    private static readonly GuestPhysicalAddress s_arguments = new(0x1000), s_list = new(0x2000);

    private readonly PseriesFirmware _firmware;
    private readonly PseriesHostBridge _bridge;
    private ulong _used;

    public PseriesGuest(IVfioKernel kernel)
        : base(kernel)
    {
        _firmware = new PseriesFirmware(Memory, this, Events) { HostDevices = Host };
        _bridge = _firmware.AddBridge(new HostBridgeOptions());
        Window = _bridge.DmaWindows[0];
    }

    /// <inheritdoc/>
    public override GuestPciBus Bus => _bridge.Bus;

    /// <inheritdoc/>
    public override string Description => $"a pseries with 0x{RamBytes:x} bytes of memory, PCI host bridge 0x{_bridge.Buid:x}, {Window}";

    /// <inheritdoc/>
    public override ulong FirstBar => HostBridgeOptions.MemoryWindowOnBus;

    /// <summary>The window that the guest maps into.</summary>
    public GuestTceTable Window { get; private set; }

    /// <inheritdoc/>
    public override uint ReadConfig(byte function, int offset, int width)
    {
        // A device that is not there answers with an error, which a driver takes for ones.
        uint[] answer = Rtas(RtasToken.IbmReadPciConfig, 2, ConfigAddress(function, offset), High, Low, (uint)width);
        return answer[0] == 0 ? answer[1] : uint.MaxValue >> (32 - (8 * width));
    }

    /// <inheritdoc/>
    public override void WriteConfig(byte function, int offset, int width, uint value) =>
        Expect(Rtas(RtasToken.IbmWritePciConfig, 1, ConfigAddress(function, offset), High, Low, (uint)width, value), "ibm,write-pci-config");

    /// <inheritdoc/>
    public override GuestPhysicalAddress AddressOf(ulong onBus) => _bridge.Options.MemoryWindow + (onBus - HostBridgeOptions.MemoryWindowOnBus);

    /// <inheritdoc/>
    public override Iova MapForDma(GuestPhysicalAddress address, ulong bytes)
    {
        ulong page = 1UL << Window.PageShift, ioba = Window.Start.Value + _used;
        ulong first = address.Value & ~(page - 1), pages = ((address.Value - first) + bytes + page - 1) / page;
        for (ulong i = 0; i < pages; i++) Store(s_list + (i * sizeof(ulong)), sizeof(ulong), BinaryPrimitives.ReverseEndianness(first + (i * page) | 3));
        ulong[] arguments = [Window.Liobn, ioba, s_list.Value, pages];
        if (Call(HypercallNumber.PutTceIndirect, arguments) is not HypercallStatus.Success and var refused)
            throw new DemoException($"H_PUT_TCE_INDIRECT of {pages} pages at 0x{ioba:x}: {refused}");
        _used += pages * page;
        return new Iova(ioba + (address.Value - first));
    }

    /// <inheritdoc/>
    public override int InterruptOf(byte function) => _bridge.Interrupts.NumberOfPin(Bus.Find(function)!.InterruptLine);

    /// <inheritdoc/>
    public override void EndOfInterrupt(int interrupt)
    {
        lock (Events.Gate) _bridge.EndOfInterrupt(interrupt);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<MsiMessage> ChooseMessages(byte function, int capability, bool isMsix, int vectors)
    {
        uint address = ConfigAddress(function, 0);
        uint[] given = Rtas(RtasToken.ChangeMsi, 4, address, High, Low, (uint)(isMsix ? ChangeMsiFunction.Msix : ChangeMsiFunction.Msi), (uint)vectors, 1);
        Expect(given, "ibm,change-msi");
        if (given[1] != vectors) throw new DemoException($"ibm,change-msi gave {given[1]} of {vectors} messages");
        var messages = new List<MsiMessage>();
        for (uint vector = 0; vector < vectors; vector++)
        {
            uint[] source = Rtas(RtasToken.QueryInterruptSourceNumber, 3, address, High, Low, vector);
            Expect(source, "ibm,query-interrupt-source-number");
            messages.Add(new MsiMessage(MessageInterrupts.Window, source[1]));
        }

        return messages;
    }

    /// <summary>Makes a window beside the default one and maps into it from now on.</summary>
    public void CreateWindow(uint pageShift, uint windowShift)
    {
        uint[] query = Rtas(RtasToken.QueryPeDmaWindow, 5, 0, High, Low);
        Expect(query, "ibm,query-pe-dma-window");
        if (query[1] == 0) throw new DemoException("ibm,query-pe-dma-window: no window is left");
        uint[] made = Rtas(RtasToken.CreatePeDmaWindow, 4, 0, High, Low, pageShift, windowShift);
        Expect(made, "ibm,create-pe-dma-window");
        UseWindow(_firmware.Tces.Find(made[1])!);
    }

    /// <summary>Removes the window made, and maps into the default one again.</summary>
    public void RemoveWindow(ulong used)
    {
        Expect(Rtas(RtasToken.RemovePeDmaWindow, 1, Window.Liobn), "ibm,remove-pe-dma-window");
        UseWindow(_bridge.DmaWindows[0], used);
    }

    /// <summary>How much of the window is used.</summary>
    public ulong UsedBytes => _used;

    /// <summary>Puts a single entry: H_PUT_TCE.</summary>
    public HypercallStatus Put(ulong ioba, ulong tce) => Call(HypercallNumber.PutTce, [Window.Liobn, ioba, tce]);

    /// <summary>What the host's hardware says of the devices, as the guest hears it (ibm,read-slot-reset-state2).</summary>
    public EndpointState ReadErrorState()
    {
        uint[] state = Rtas(RtasToken.ReadSlotResetState2, 4, Endpoint, High, Low);
        Expect(state, "ibm,read-slot-reset-state2");
        return (EndpointState)state[1];
    }

    /// <summary>Has errors of the devices watched; false: the machine cannot.</summary>
    public bool EnableErrors(byte function) => Rtas(RtasToken.SetEehOption, 1, ConfigAddress(function, 0), High, Low, (uint)EehOption.Enable)[0] == 0;

    /// <summary>A hot reset of the devices and its end, and what firmware sets up again.</summary>
    public void Recover()
    {
        Expect(Rtas(RtasToken.SetSlotReset, 1, Endpoint, High, Low, (uint)SlotReset.Hot), "ibm,set-slot-reset 1");
        Expect(Rtas(RtasToken.SetSlotReset, 1, Endpoint, High, Low, (uint)SlotReset.Deactivate), "ibm,set-slot-reset 0");
        Expect(Rtas(RtasToken.ConfigurePe, 1, Endpoint, High, Low), "ibm,configure-pe");
    }

    private uint High => (uint)(_bridge.Buid >> 32);

    private uint Low => (uint)_bridge.Buid;

    // ibm,get-config-addr-info2 gives it: bus 0, and 1.
    private static uint Endpoint => 1;

    private static uint ConfigAddress(byte function, int offset) => ((uint)(offset & 0xf00) << 20) | ((uint)function << 8) | (uint)(offset & 0xff);

    private static void Expect(uint[] answer, string what)
    {
        if (answer[0] != 0) throw new DemoException(string.Create(CultureInfo.InvariantCulture, $"{what}: {(RtasStatus)(int)answer[0]}"));
    }

    private void UseWindow(GuestTceTable window, ulong used = 0) => (Window, _used) = (window, used);

    private uint[] Rtas(RtasToken token, uint results, params uint[] arguments)
    {
        uint[] words = [(uint)token, (uint)arguments.Length, results, .. arguments];
        for (int i = 0; i < words.Length; i++) Store(s_arguments + (ulong)(i * sizeof(uint)), sizeof(uint), BinaryPrimitives.ReverseEndianness(words[i]));
        if (Call(HypercallNumber.Rtas, [s_arguments.Value]) is not HypercallStatus.Success and var refused) throw new DemoException($"RTAS call {token}: {refused}");
        return [.. Enumerable.Range(words.Length, (int)results).Select(word => BinaryPrimitives.ReverseEndianness((uint)Load(s_arguments + (ulong)(word * sizeof(uint)), sizeof(uint))))];
    }

    private HypercallStatus Call(ulong number, ulong[] arguments)
    {
        lock (Events.Gate) return _firmware.Call(number, arguments);
    }
}
