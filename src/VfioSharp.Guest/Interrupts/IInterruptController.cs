// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Interrupts;

/// <summary>The machine's interrupt controller, as host bridges see it. The virtual machine monitor implements it.</summary>
/// <remarks>Called with the machine's lock held.</remarks>
public interface IInterruptController
{
    /// <summary>
    /// Whether the virtual machine monitor tells the bridge of each end of an interrupt that was raised by a level.
    /// </summary>
    bool ReportsEndOfInterrupt { get; }

    /// <summary>Raises or lowers an input. Only changes are told.</summary>
    void SetLevel(int interrupt, bool asserted);

    /// <summary>A message has come: on pseries the interrupt's number, on a PC the address and data that the guest chose.</summary>
    void Deliver(MsiMessage message);
}
