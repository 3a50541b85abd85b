// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr;

/// <summary>What a device on the bridge can do with messages, and where they are set.</summary>
public interface IMessageDevice
{
    /// <summary>Vectors of its MSI capability; 0: it has none.</summary>
    int MsiVectors { get; }

    /// <summary>Vectors of its MSI-X capability; 0: it has none.</summary>
    int MsixVectors { get; }

    /// <summary>Sets a vector's message in the device: address 0 takes it away.</summary>
    void SetMessage(bool isMsix, int vector, ulong address, uint data);
}

/// <summary>What of the device's messages ibm,change-msi changes, with its numbers.</summary>
public enum ChangeMsiFunction
{
    /// <summary>MSI if the device has it, else MSI-X.</summary>
    Either = 1,

    /// <summary>MSI.</summary>
    Msi = 3,

    /// <summary>MSI-X.</summary>
    Msix = 4,
}

/// <summary>
/// Message interrupts of a bridge's devices: ibm,change-msi and ibm,query-interrupt-source-number (hw/ppc/spapr_pci.c).
/// Calls come one at a time.
/// </summary>
/// <param name="bridge">Index of the bridge.</param>
/// <param name="numbers">The machine's interrupt numbers.</param>
public sealed class MessageInterrupts(int bridge, InterruptNumbers numbers)
{
    /// <summary>Where devices write their messages: the number is in the data.</summary>
    public const ulong Window = 0x400_0000_0000;

    /// <summary>The bits of a configuration address that name a device: bus, device, function.</summary>
    public const uint AddressMask = 0x00ff_ff00;

    private readonly Dictionary<uint, IMessageDevice> _devices = [];
    private readonly Dictionary<uint, (int First, int Count)> _given = [];

    /// <summary>A device is on the bus.</summary>
    /// <param name="configAddress">Its configuration address (bus, device, function in bits 8 to 23).</param>
    /// <param name="device">The device.</param>
    public void Add(uint configAddress, IMessageDevice device) => _devices[configAddress] = device;

    /// <summary>A device is gone, and with it its numbers.</summary>
    public void Remove(uint configAddress)
    {
        _devices.Remove(configAddress);
        Release(configAddress);
    }

    /// <summary>The machine is reset: nobody has numbers.</summary>
    public void Reset()
    {
        foreach (uint address in _given.Keys.ToArray()) Release(address);
    }

    /// <summary>The interrupt number of a pin (INTA is 0).</summary>
    public int NumberOfPin(int pin) => InterruptNumbers.OfPin(bridge, pin);

    /// <summary>ibm,change-msi.</summary>
    /// <param name="configAddress">The device.</param>
    /// <param name="function">What to change.</param>
    /// <param name="requested">How many vectors; 0 takes all away.</param>
    /// <param name="granted">How many there are now, or, when more were asked than the device has, how many to ask for.</param>
    /// <param name="first">The first number; 0 when none were given.</param>
    public RtasStatus Change(uint configAddress, ChangeMsiFunction function, int requested, out int granted, out int first)
    {
        granted = first = 0;
        if (!_devices.TryGetValue(configAddress, out IMessageDevice? device)) return RtasStatus.ParameterError;
        bool isMsix = ChoosesMsix(device, function);
        int most = isMsix ? device.MsixVectors : device.MsiVectors;
        if (!Enum.IsDefined(function) || most == 0 || requested < 0) return RtasStatus.ParameterError;
        if (requested == 0) return TakeAway(configAddress, device);
        if (requested > most)
        {
            granted = most;
            return RtasStatus.Success;
        }

        int taken = numbers.Take(requested, isMsix);
        if (taken < 0) return RtasStatus.HardwareError;
        Release(configAddress);
        (granted, first) = (requested, taken);
        int messages = isMsix ? requested : 1;
        for (int i = 0; i < messages; i++) device.SetMessage(isMsix, i, Window, (uint)(taken + i));
        _given[configAddress] = (taken, requested);
        return RtasStatus.Success;
    }

    /// <summary>Whether a call to change a device's messages means MSI-X.</summary>
    public bool ChoosesMsix(uint configAddress, ChangeMsiFunction function) =>
        _devices.TryGetValue(configAddress, out IMessageDevice? device) && ChoosesMsix(device, function);

    /// <summary>ibm,query-interrupt-source-number.</summary>
    public RtasStatus QuerySource(uint configAddress, int vector, out int number)
    {
        number = 0;
        if (!_devices.ContainsKey(configAddress)) return RtasStatus.ParameterError;
        if (!_given.TryGetValue(configAddress, out (int First, int Count) given) || (uint)vector >= (uint)given.Count) return RtasStatus.HardwareError;
        number = given.First + vector;
        return RtasStatus.Success;
    }

    /// <summary>Who has which numbers, by configuration address.</summary>
    internal IEnumerable<MessageGrant> Grants() =>
        _given.OrderBy(given => given.Key).Select(given => new MessageGrant(given.Key, given.Value.First, given.Value.Count));

    /// <summary>Takes all numbers back, and gives others; those numbers are free, and are this machine's.</summary>
    internal bool TryRestore(IReadOnlyList<MessageGrant> grants)
    {
        MessageGrant[] before = [.. Grants()];
        Reset();
        foreach (MessageGrant grant in grants)
        {
            if (numbers.TryTake(grant.First, grant.Count))
            {
                _given[grant.ConfigAddress] = (grant.First, grant.Count);
                continue;
            }

            Reset();
            foreach (MessageGrant old in before) _given[old.ConfigAddress] = numbers.TryTake(old.First, old.Count) ? (old.First, old.Count) : default;
            return false;
        }

        return true;
    }

    private static bool ChoosesMsix(IMessageDevice device, ChangeMsiFunction function) =>
        function == ChangeMsiFunction.Msix || (function == ChangeMsiFunction.Either && device.MsiVectors == 0);

    private RtasStatus TakeAway(uint configAddress, IMessageDevice device)
    {
        if (!_given.ContainsKey(configAddress)) return RtasStatus.HardwareError;
        if (device.MsiVectors != 0) device.SetMessage(isMsix: false, 0, 0, 0);
        Release(configAddress);
        return RtasStatus.Success;
    }

    private void Release(uint configAddress)
    {
        if (_given.Remove(configAddress, out (int First, int Count) given)) numbers.Release(given.First, given.Count);
    }
}

/// <summary>Numbers that a device has.</summary>
/// <param name="ConfigAddress">The device.</param>
/// <param name="First">The first of its numbers.</param>
/// <param name="Count">How many follow each other.</param>
internal readonly record struct MessageGrant(uint ConfigAddress, int First, int Count);
