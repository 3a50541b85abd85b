// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using VfioSharp.Cli.PciIds;
using VfioSharp.Host.Pci;
using VfioSharp.Pci;

namespace VfioSharp.Cli.Lspci;

/// <summary>Prints functions as <c>lspci -xxxx</c> does, so that <c>lspci -F</c> reads them.</summary>
internal static class LspciText
{
    private const int RowLength = 16;

    /// <summary>One function, with the empty line after it.</summary>
    /// <param name="function">Which.</param>
    /// <param name="names">Names for its heading.</param>
    /// <param name="withSegment">Whether its address has the segment: lspci prints it when any is not 0.</param>
    public static string Of(PciFunction function, PciNames names, bool withSegment)
    {
        byte[] config = Bytes(function);
        var view = new ConfigView(config);
        string address = function.Address.ToString();
        var text = new StringBuilder();
        text.Append(withSegment ? address : address[5..]).Append(' ').Append(ClassName(view.ClassCode, names)).Append(": ").Append(DeviceName(view.VendorId, view.DeviceId, names));
        byte revision = view.Read8(ConfigOffset.RevisionId);
        if (revision != 0) text.Append(CultureInfo.InvariantCulture, $" (rev {revision:x2})");
        for (int offset = 0; offset < config.Length; offset++)
        {
            if (offset % RowLength == 0) text.Append('\n').Append(CultureInfo.InvariantCulture, $"{offset:x2}:");
            text.Append(CultureInfo.InvariantCulture, $" {config[offset]:x2}");
        }

        return text.Append("\n\n").ToString();
    }

    /// <summary>A function's configuration bytes as the hardware has them.</summary>
    public static byte[] Bytes(PciFunction function)
    {
        var config = new byte[function.ConfigSize];
        for (int i = 0; i < config.Length; i++) config[i] = (byte)function.ReadConfig(i, 1);
        return config;
    }

    /// <summary>A class' name as lspci gives it.</summary>
    public static string ClassName(ushort code, PciNames names) =>
        names.Class(code) ?? (names.BaseClass((byte)(code >> 8)) is { } known
            ? string.Create(CultureInfo.InvariantCulture, $"{known} [{code:x4}]")
            : string.Create(CultureInfo.InvariantCulture, $"Class {code:x4}"));

    /// <summary>Vendor and device as lspci names them.</summary>
    public static string DeviceName(ushort vendor, ushort device, PciNames names) => names.Vendor(vendor) is { } maker
        ? $"{maker} {names.Device(vendor, device) ?? string.Create(CultureInfo.InvariantCulture, $"Device {device:x4}")}"
        : string.Create(CultureInfo.InvariantCulture, $"Device {vendor:x4}:{device:x4}");
}
