// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Pci;

namespace VfioSharp.Cli.Capabilities;

/// <summary>Decodes the main registers of conventional capabilities.</summary>
internal static class CapabilityFields
{
    private static readonly string[] s_speeds = ["none", "2.5 GT/s", "5 GT/s", "8 GT/s", "16 GT/s", "32 GT/s", "64 GT/s"];

    /// <summary>The fields of the capability at a place.</summary>
    public static IReadOnlyList<CapabilityField> Of(ConfigView view, int at) => (int)view.Read8(at) switch
    {
        PciCapId.Pm => Power(view, at),
        PciCapId.Msi => Msi(view, at),
        PciCapId.Msix => Msix(view, at),
        PciCapId.Exp => Express(view, at),
        PciCapId.Ssvid => [new("subsystem", Ids(view.Read16(at + 4), view.Read16(at + 6)))],
        PciCapId.Vndr => [new("length", Number(view.Read8(at + 2)))],
        PciCapId.Af => [new("FLR", YesNo((view.Read8(at + 3) & 2) != 0))],
        _ => [],
    };

    /// <summary>"yes" or "no".</summary>
    internal static string YesNo(bool value) => value ? "yes" : "no";

    /// <summary>In decimal.</summary>
    internal static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>In hexadecimal, with 0x.</summary>
    internal static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    private static string Ids(ushort vendor, ushort device) => string.Create(CultureInfo.InvariantCulture, $"{vendor:x4}:{device:x4}");

    private static List<CapabilityField> Power(ConfigView view, int at)
    {
        int capabilities = view.Read16(at + PciPm.Capabilities);
        int control = view.Read16(at + PciPm.Ctrl);
        return
        [
            new("version", Number(capabilities & PciPm.CapVerMask)),
            new("state", (control & PciPm.CtrlStateMask) switch { 0 => "D0", 1 => "D1", 2 => "D2", _ => "D3hot" }),
            new("D1", YesNo((capabilities & PciPm.CapD1) != 0)),
            new("D2", YesNo((capabilities & PciPm.CapD2) != 0)),
            new("keeps its state in D3hot", YesNo((control & PciPm.CtrlNoSoftReset) != 0)),
        ];
    }

    private static List<CapabilityField> Msi(ConfigView view, int at)
    {
        int control = view.Read16(at + PciMsi.Flags);
        bool wide = (control & PciMsi.Flags64Bit) != 0;
        ulong address = view.Read32(at + PciMsi.AddressLo) | (wide ? (ulong)view.Read32(at + PciMsi.AddressHi) << 32 : 0);
        return
        [
            new("enabled", YesNo((control & PciMsi.FlagsEnable) != 0)),
            new("vectors", $"{1 << ((control & PciMsi.FlagsQsize) >> 4)} of {1 << ((control & PciMsi.FlagsQmask) >> 1)}"),
            new("64-bit", YesNo(wide)),
            new("maskable", YesNo((control & PciMsi.FlagsMaskbit) != 0)),
            new("address", Hex(address)),
            new("data", Hex(view.Read16(at + (wide ? PciMsi.Data64 : PciMsi.Data32)))),
        ];
    }

    private static List<CapabilityField> Msix(ConfigView view, int at)
    {
        int control = view.Read16(at + PciMsix.Flags);
        uint table = view.Read32(at + PciMsix.Table);
        uint pending = view.Read32(at + PciMsix.Pba);
        return
        [
            new("enabled", YesNo((control & PciMsix.FlagsEnable) != 0)),
            new("masked", YesNo((control & PciMsix.FlagsMaskall) != 0)),
            new("vectors", Number((control & PciMsix.FlagsQsize) + 1)),
            new("table", $"BAR {table & PciMsix.TableBir} offset {Hex(table & PciMsix.TableOffset)}"),
            new("pending bits", $"BAR {pending & PciMsix.PbaBir} offset {Hex(pending & PciMsix.PbaOffset)}"),
        ];
    }

    private static List<CapabilityField> Express(ConfigView view, int at)
    {
        int flags = view.Read16(at + PciExp.Flags);
        uint capabilities = view.Read32(at + PciExp.DevCap);
        int control = view.Read16(at + PciExp.DevCtl);
        List<CapabilityField> fields =
        [
            new("version", Number(flags & PciExpFlags.Vers)),
            new("type", TypeName((flags & PciExpFlags.Type) >> 4)),
            new("payload", $"{128 << ((control >> 5) & 7)} of {128 << (int)(capabilities & PciExpDevCap.Payload)} bytes"),
            new("FLR", YesNo((capabilities & PciExpDevCap.Flr) != 0)),
        ];
        uint link = view.Read32(at + PciExp.LnkCap);
        int status = view.Read16(at + PciExp.LnkSta);
        if (link != 0) fields.Add(new("link", $"{Speed(status & 0xf)} x{(status >> 4) & 0x3f} of {Speed((int)link & 0xf)} x{(link >> 4) & 0x3f}"));
        return fields;
    }

    private static string Speed(int code) => code < s_speeds.Length ? s_speeds[code] : Hex((ulong)code);

    private static string TypeName(int type) => type switch
    {
        PciExpType.Endpoint => "endpoint",
        PciExpType.LegacyEndpoint => "legacy endpoint",
        PciExpType.RootPort => "root port",
        PciExpType.Upstream => "upstream port",
        PciExpType.Downstream => "downstream port",
        PciExpType.PciBridge => "bridge to PCI",
        PciExpType.PcieBridge => "bridge from PCI",
        PciExpType.RootEndpoint => "integrated endpoint",
        PciExpType.RootEventCollector => "event collector",
        _ => Hex((ulong)type),
    };
}
