// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Interrupts;

/// <summary>
/// The four interrupt lines of a bus, as its bridge leads them to the machine's interrupt controller. The virtual machine
/// monitor, or its bridge, implements it.
/// </summary>
/// <remarks>
/// Called with the machine's lock held. When a route changes, <c>GuestPciBus.IntxRoutesChanged</c> is to be
/// called; when the guest has finished with an interrupt, <c>GuestPciBus.EndOfInterrupt</c>, if
/// <see cref="ReportsEndOfInterrupt"/> says so.
/// </remarks>
public interface IInterruptLines
{
    /// <summary>
    /// Whether the machine tells the bus each end of an interrupt. If not, assigned devices take an access of theirs for
    /// it, and therefore their mapped BARs away while an interrupt is pending.
    /// </summary>
    bool ReportsEndOfInterrupt { get; }

    /// <summary>Where a line leads.</summary>
    /// <param name="line">0 to 3: INTA to INTD at the bridge.</param>
    IntxRoute RouteOf(int line);

    /// <summary>Raises or lowers a line. Only changes are told: devices that share one hold it up together.</summary>
    /// <param name="line">0 to 3: INTA to INTD at the bridge.</param>
    /// <param name="asserted">Up, or down.</param>
    void SetLevel(int line, bool asserted);
}
