// SPDX-License-Identifier: MIT
using System.Globalization;

namespace VfioSharp.Kernel;

/// <summary>An I/O virtual address: what a device puts on the bus, and the IOMMU translates.</summary>
/// <param name="Value">The address in bytes.</param>
public readonly record struct Iova(ulong Value) : IComparable<Iova>
{
    /// <inheritdoc/>
    public int CompareTo(Iova other) => Value.CompareTo(other.Value);

    /// <summary>Order by address.</summary>
    public static bool operator <(Iova left, Iova right) => left.Value < right.Value;

    /// <summary>Order by address.</summary>
    public static bool operator >(Iova left, Iova right) => left.Value > right.Value;

    /// <summary>Order by address.</summary>
    public static bool operator <=(Iova left, Iova right) => left.Value <= right.Value;

    /// <summary>Order by address.</summary>
    public static bool operator >=(Iova left, Iova right) => left.Value >= right.Value;

    /// <summary>The address <paramref name="offset"/> bytes further on, modulo 2^64.</summary>
    public static Iova operator +(Iova iova, ulong offset) => new(unchecked(iova.Value + offset));

    /// <summary>The address <paramref name="offset"/> bytes further on, modulo 2^64.</summary>
    public static Iova Add(Iova iova, ulong offset) => iova + offset;

    /// <summary>Hexadecimal with 0x.</summary>
    public override string ToString() => "0x" + Value.ToString("x", CultureInfo.InvariantCulture);
}
