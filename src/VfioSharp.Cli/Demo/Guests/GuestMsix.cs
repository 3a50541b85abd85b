// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Guest;
using VfioSharp.Guest.Interrupts;

namespace VfioSharp.Cli.Demo.Guests;

/// <summary>The MSI-X part of a guest's driver: enables it with all vectors masked, then uses one after the other.</summary>
internal sealed class GuestMsix
{
    private readonly GuestMachine _guest;
    private readonly byte _function;
    private readonly int _capability;
    private readonly GuestPhysicalAddress _table;
    private readonly IReadOnlyList<MsiMessage> _messages;
    private readonly int[] _before;

    /// <summary>Enables it.</summary>
    public GuestMsix(GuestMachine guest, FoundDevice device, int vectors)
    {
        _guest = guest;
        _function = device.Function;
        _capability = GuestFirmware.FindCapability(guest, _function, PciCapId.Msix);
        if (_capability == 0) throw new DemoException($"device {device.VendorId:x4}:{device.DeviceId:x4} has no MSI-X capability in the guest");
        Vectors = (int)(guest.ReadConfig(_function, _capability + PciMsix.Flags, 2) & PciMsix.FlagsQsize) + 1;
        uint table = guest.ReadConfig(_function, _capability + PciMsix.Table, 4);
        _table = device.Bars[(int)(table & PciMsix.TableBir)] + (table & PciMsix.TableOffset);
        _messages = guest.ChooseMessages(_function, _capability, isMsix: true, vectors);
        _before = [.. _messages.Select(guest.CountOf)];
        GuestFirmware.Enable(guest, _function);

        // On pseries firmware has set the entries, and let their vectors be used. A PC's driver sets them.
        for (int vector = 0; vector < vectors; vector++)
        {
            Store(vector, PciMsix.EntryVectorControl, PciMsix.EntryMaskBit);
            if (Load(vector, PciMsix.EntryData) == _messages[vector].Data) continue;
            Store(vector, PciMsix.EntryLowerAddress, (uint)_messages[vector].Address);
            Store(vector, PciMsix.EntryUpperAddress, (uint)(_messages[vector].Address >> 32));
            Store(vector, PciMsix.EntryData, _messages[vector].Data);
        }

        SetControl(PciMsix.FlagsEnable, 0);
    }

    /// <summary>How many vectors the device has.</summary>
    public int Vectors { get; }

    /// <summary>Begins to use a vector, and waits for its message: it is notified once, as one may have been missed while it was masked.</summary>
    public void Use(int vector)
    {
        Store(vector, PciMsix.EntryVectorControl, 0);
        _guest.WaitUntil(() => Counts()[vector] > 0, $"the first message of vector {vector}");
    }

    /// <summary>How often each vector's message has come.</summary>
    public IReadOnlyList<int> Counts() => [.. _messages.Select((message, vector) => _guest.CountOf(message) - _before[vector])];

    /// <summary>Disables it.</summary>
    public void Disable() => SetControl(0, PciMsix.FlagsEnable);

    private void SetControl(int set, int clear)
    {
        uint flags = _guest.ReadConfig(_function, _capability + PciMsix.Flags, 2);
        _guest.WriteConfig(_function, _capability + PciMsix.Flags, 2, (flags | (uint)set) & ~(uint)clear);
    }

    private uint Load(int vector, int field) => (uint)_guest.Load(Entry(vector, field), sizeof(uint));

    private void Store(int vector, int field, uint value) => _guest.Store(Entry(vector, field), sizeof(uint), value);

    private GuestPhysicalAddress Entry(int vector, int field) => _table + (ulong)((vector * PciMsix.EntrySize) + field);
}
