// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Pci.Assigned;

namespace VfioSharp.Samples;

/// <summary>What of a machine is the monitor's own: where interrupt lines lead, and who hears of devices.</summary>
internal sealed class Board : IInterruptLines, IAssignedDeviceEvents
{
    /// <summary>How often a line went up.</summary>
    public int Interrupts { get; private set; }

    /// <summary>No: an access to the device is taken for the end of its interrupt.</summary>
    public bool ReportsEndOfInterrupt => false;

    public IntxRoute RouteOf(int line) => new(IntxRouteMode.Enabled, line);

    public void SetLevel(int line, bool asserted) => Interrupts += asserted ? 1 : 0;

    public void OnDeviceError(AssignedPciDevice device) => Console.Error.WriteLine($"{device.Id}: an error it cannot recover from");

    public void OnUnplugRequested(AssignedPciDevice device) => Console.Error.WriteLine($"{device.Id}: the host wants it back");

    public void OnWarning(AssignedPciDevice device, string message) => Console.Error.WriteLine($"{device.Id}: {message}");
}
