// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>What assigned devices tell their monitor while the guest runs. Called with the machine's lock held.</summary>
public interface IAssignedDeviceEvents
{
    /// <summary>
    /// The device reported an error that it cannot recover from (the host's ERR interrupt). Its data may be wrong: stop
    /// the machine, and ask its user.
    /// </summary>
    void OnDeviceError(AssignedPciDevice device);

    /// <summary>The host asks for the device (the REQ interrupt): ask the guest to give it up, then unplug it.</summary>
    void OnUnplugRequested(AssignedPciDevice device);

    /// <summary>Something went wrong, or works more slowly than it might; the device goes on. For a log.</summary>
    void OnWarning(AssignedPciDevice device, string message);
}
