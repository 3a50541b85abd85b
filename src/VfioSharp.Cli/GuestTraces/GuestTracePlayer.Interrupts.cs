// SPDX-License-Identifier: MIT
using System.Text.RegularExpressions;
using VfioSharp.Guest.Spapr;

namespace VfioSharp.Cli.GuestTraces;

/// <summary>Message interrupts and pins.</summary>
internal sealed partial class GuestTracePlayer
{
    private bool Release(string kind, string text)
    {
        if (ReleaseLine().Match(text) is not { Success: true } match) return false;
        bool isReleased = match.Groups[1].Value == "Released MSIs";
        if (!isReleased && match.Groups[1].Value != "Releasing wrong config") return false;
        uint address = (uint)Hex(match, 2);
        TracedDevice device = Device(address);

        // Only a device that has MSI too is told that its message is gone.
        if (_expectedMessages.Count != 0) device.MsiVectors = Math.Max(device.MsiVectors, 1);
        RtasStatus status = Bridge(0).Interrupts.Change(address, ChangeMsiFunction.Msix, 0, out _, out _);
        Check(kind, "status", isReleased ? RtasStatus.Success : RtasStatus.HardwareError, status);
        CheckMessages(kind, device);
        return true;
    }

    private bool Retry(string kind, string text)
    {
        if (RetryLine().Match(text) is not { Success: true } match) return false;
        _retry = ((uint)Hex(match, 1), (int)Number(match, 2), (int)Number(match, 3));
        _result.Input(kind);
        return true;
    }

    // QEMU prints these before the call that causes them.
    private bool Setup(string kind, string text)
    {
        if (SetupLine().Match(text) is not { Success: true } match) return false;
        _expectedMessages.Add(((int)Number(match, 1), Hex(match, 2)));
        _result.Input(kind);
        return true;
    }

    private bool Change(string kind, string text)
    {
        if (ChangeLine().Match(text) is not { Success: true } match) return false;
        uint address = (uint)Hex(match, 1);
        var function = (ChangeMsiFunction)Number(match, 2);
        int count = (int)Number(match, 3), first = (int)Number(match, 4), asked = count;
        TracedDevice device = Device(address);
        bool isMsix = function == ChangeMsiFunction.Msix || (function == ChangeMsiFunction.Either && _expectedMessages.Count > 1);
        if (_retry is { } retry && retry.Address == address && first == 0)
        {
            asked = retry.Asked;
            device.SetVectors(isMsix, retry.Most);
        }
        else if (device.VectorsOf(isMsix) < count)
        {
            device.SetVectors(isMsix, count);
        }

        _retry = null;
        _lastChanged = address;
        RtasStatus status = Bridge(0).Interrupts.Change(address, function, asked, out int granted, out int given);
        Check(kind, "answer", (RtasStatus.Success, count, first), (status, granted, given));
        CheckMessages(kind, device);
        return true;
    }

    // The device is not recorded: the one that was changed last, else whoever has that number.
    private bool QuerySource(string kind, string text)
    {
        if (QuerySourceLine().Match(text) is not { Success: true } match) return false;
        int vector = (int)Number(match, 1), recorded = (int)Number(match, 2);
        MessageInterrupts interrupts = Bridge(0).Interrupts;
        int found = interrupts.QuerySource(_lastChanged, vector, out int number) == RtasStatus.Success ? number : 0;
        if (found != recorded)
        {
            foreach (uint address in _devices.Keys)
                if (interrupts.QuerySource(address, vector, out number) == RtasStatus.Success && number == recorded) found = number;
        }

        Check(kind, "number", recorded, found);
        return true;
    }

    private bool MessageWrite(string kind, string text)
    {
        if (MessageLine().Match(text) is not { Success: true } match) return false;
        long data = (long)Hex(match, 2);
        bool isGiven = _devices.Values.Any(device => device.Messages.ContainsValue((uint)data));
        Check(kind, "number, given to a device", (Number(match, 3), true), (data, isGiven));
        return true;
    }

    private bool Pin(string kind, string text)
    {
        if (PinLine().Match(text) is not { Success: true } match) return false;
        Check(kind, "number", Number(match, 3), Of(Hex(match, 1)).Interrupts.NumberOfPin((int)Number(match, 2)));
        return true;
    }

    private void CheckMessages(string kind, TracedDevice device)
    {
        string recorded = string.Join(' ', _expectedMessages), ours = string.Join(' ', device.Set);
        if (recorded.Length + ours.Length != 0) Check(kind, "messages set in the device", recorded, ours);
        device.Set.Clear();
        _expectedMessages.Clear();
    }

    private TracedDevice Device(uint address)
    {
        if (_devices.TryGetValue(address, out TracedDevice? device)) return device;
        device = new TracedDevice { MsixVectors = 1 };
        _devices.Add(address, device);
        Bridge(0).Interrupts.Add(address, device);
        return device;
    }

    [GeneratedRegex(@"^([\w ]+) \(cfg=0x([\da-f]{1,8})\)$")]
    private static partial Regex ReleaseLine();

    [GeneratedRegex(@"^Guest device at 0x([\da-f]{1,8}) asked (\d{1,9}), have only (\d{1,9})$")]
    private static partial Regex RetryLine();

    [GeneratedRegex("^dev\"[^\"]*\" vector (\\d{1,9}), addr=0x([\\da-f]{1,16})$")]
    private static partial Regex SetupLine();

    [GeneratedRegex(@"^cfgaddr 0x([\da-f]{1,8}) func (\d{1,2}), requested (\d{1,9}), first irq (\d{1,9})$")]
    private static partial Regex ChangeLine();

    [GeneratedRegex(@"^queries for #(\d{1,9}), IRQ(\d{1,9})$")]
    private static partial Regex QuerySourceLine();

    [GeneratedRegex(@"^@0x([\da-f]{1,16})<=0x([\da-f]{1,15}) IRQ (\d{1,9})$")]
    private static partial Regex MessageLine();

    [GeneratedRegex(@"^pci@([\da-f]{1,16}) PIN(\d) IRQ (\d{1,9})$")]
    private static partial Regex PinLine();

    /// <summary>A device of the trace: what it can do follows from what was asked of it.</summary>
    private sealed class TracedDevice : IMessageDevice
    {
        public int MsiVectors { get; set; }

        public int MsixVectors { get; set; }

        /// <summary>The numbers in its messages now.</summary>
        public Dictionary<int, uint> Messages { get; } = [];

        /// <summary>What was set since the last look.</summary>
        public List<(int Vector, ulong Address)> Set { get; } = [];

        public int VectorsOf(bool isMsix) => isMsix ? MsixVectors : MsiVectors;

        public void SetVectors(bool isMsix, int count)
        {
            if (isMsix) MsixVectors = count;
            else MsiVectors = count;
        }

        public void SetMessage(bool isMsix, int vector, ulong address, uint data)
        {
            Set.Add((vector, address));
            Messages[vector] = data;
        }
    }
}
