// SPDX-License-Identifier: MIT
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace VfioSharp.Pci;

/// <summary>Where a PCI function is: segment (domain), bus, device (slot), function.</summary>
public readonly record struct PciAddress : IComparable<PciAddress>
{
    private readonly uint _packed;

    /// <summary>Makes an address; <paramref name="device"/> is 0–31, <paramref name="function"/> 0–7.</summary>
    public PciAddress(ushort segment, byte bus, byte device, byte function)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(device, (byte)31);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(function, (byte)7);
        _packed = ((uint)segment << 16) | ((uint)bus << 8) | ((uint)device << 3) | function;
    }

    /// <summary>The PCI segment, which Linux calls domain.</summary>
    public ushort Segment => (ushort)(_packed >> 16);

    /// <summary>The bus number.</summary>
    public byte Bus => (byte)(_packed >> 8);

    /// <summary>The device (slot) number, 0–31.</summary>
    public byte Device => (byte)((_packed >> 3) & 31);

    /// <summary>The function number, 0–7.</summary>
    public byte Function => (byte)(_packed & 7);

    /// <summary>Device and function in one byte, as the ABI's <c>devfn</c>.</summary>
    public byte DeviceFunction => (byte)_packed;

    /// <summary>Bus, device and function: the requester id that DMA carries.</summary>
    public ushort RequesterId => (ushort)_packed;

    /// <summary>Reads <c>dddd:bb:dd.f</c> as Linux prints it, in full.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PciAddress address)
    {
        address = default;
        if (text is null || text.Length != 12 || text[4] != ':' || text[7] != ':' || text[10] != '.') return false;
        if (!TryHex(text.AsSpan(0, 4), out uint segment) || !TryHex(text.AsSpan(5, 2), out uint bus) ||
            !TryHex(text.AsSpan(8, 2), out uint device) || !TryHex(text.AsSpan(11, 1), out uint function))
        {
            return false;
        }

        if (device > 31 || function > 7) return false;
        address = new PciAddress((ushort)segment, (byte)bus, (byte)device, (byte)function);
        return true;
    }

    private static bool TryHex(ReadOnlySpan<char> text, out uint value) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    /// <inheritdoc/>
    public int CompareTo(PciAddress other) => _packed.CompareTo(other._packed);

    /// <summary>Order by segment, bus, device, function.</summary>
    public static bool operator <(PciAddress left, PciAddress right) => left._packed < right._packed;

    /// <summary>Order by segment, bus, device, function.</summary>
    public static bool operator >(PciAddress left, PciAddress right) => left._packed > right._packed;

    /// <summary>Order by segment, bus, device, function.</summary>
    public static bool operator <=(PciAddress left, PciAddress right) => left._packed <= right._packed;

    /// <summary>Order by segment, bus, device, function.</summary>
    public static bool operator >=(PciAddress left, PciAddress right) => left._packed >= right._packed;

    /// <summary><c>dddd:bb:dd.f</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Segment:x4}:{Bus:x2}:{Device:x2}.{Function:x}");
}
