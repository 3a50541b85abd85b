// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Interrupts;

/// <summary>Whether an interrupt line of a bus leads to the interrupt controller.</summary>
public enum IntxRouteMode
{
    /// <summary>It leads nowhere now: firmware has not routed it, or took it away.</summary>
    Disabled,

    /// <summary>It leads to an input.</summary>
    Enabled,

    /// <summary>It leads to an input whose level is the opposite.</summary>
    Inverted,
}

/// <summary>Where an interrupt line of a bus leads.</summary>
/// <param name="Mode">Whether it leads anywhere.</param>
/// <param name="Interrupt">The input of the interrupt controller, as acceleration counts them.</param>
public readonly record struct IntxRoute(IntxRouteMode Mode, int Interrupt);
