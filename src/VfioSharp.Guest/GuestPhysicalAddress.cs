// SPDX-License-Identifier: MIT
using System.Globalization;

namespace VfioSharp.Guest;

/// <summary>An address of the guest's memory, as the guest counts it.</summary>
/// <param name="Value">The address.</param>
public readonly record struct GuestPhysicalAddress(ulong Value) : IComparable<GuestPhysicalAddress>
{
    /// <inheritdoc/>
    public int CompareTo(GuestPhysicalAddress other) => Value.CompareTo(other.Value);

    /// <summary>Which comes first.</summary>
    public static bool operator <(GuestPhysicalAddress left, GuestPhysicalAddress right) => left.Value < right.Value;

    /// <summary>Which comes first, or the same.</summary>
    public static bool operator <=(GuestPhysicalAddress left, GuestPhysicalAddress right) => left.Value <= right.Value;

    /// <summary>Which comes last.</summary>
    public static bool operator >(GuestPhysicalAddress left, GuestPhysicalAddress right) => left.Value > right.Value;

    /// <summary>Which comes last, or the same.</summary>
    public static bool operator >=(GuestPhysicalAddress left, GuestPhysicalAddress right) => left.Value >= right.Value;

    /// <summary>The address some bytes further on, modulo 2^64.</summary>
    public static GuestPhysicalAddress operator +(GuestPhysicalAddress address, ulong offset) => new(unchecked(address.Value + offset));

    /// <summary>The address some bytes further on, modulo 2^64.</summary>
    public static GuestPhysicalAddress Add(GuestPhysicalAddress address, ulong offset) => address + offset;

    /// <summary>In hexadecimal.</summary>
    public override string ToString() => "0x" + Value.ToString("x", CultureInfo.InvariantCulture);
}
