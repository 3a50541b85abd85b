// SPDX-License-Identifier: MIT
using System.Text.Json;
using System.Text.Json.Serialization;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;

namespace VfioSharp.Host.Machines;

/// <summary>Writes machine files of x86 machines, as <see cref="MachineFile"/> reads them.</summary>
public static class MachineWriter
{
    private static readonly MachineJson s_json = new(new JsonSerializerOptions(MachineJson.Default.Options)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });

    /// <summary>The file's text. Virtual functions that do not exist yet (<c>virtualFunction</c>) are not written.</summary>
    /// <exception cref="ArgumentException">The machine is no x86 machine.</exception>
    public static string Write(MachineDescription machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        if (machine.Platform != PlatformKind.X86) throw new ArgumentException($"machine {machine.Name} is of platform {machine.Platform}, not x86", nameof(machine));
        var aliases = new OrderedDictionary<string, string>();
        foreach (MachineAlias alias in machine.Aliases) aliases.Add(alias.Name, alias.Address.ToString());
        var document = new MachineDocument(
            MachineFile.Format, machine.Name, "x86", (ulong)machine.PageSize, machine.RamBytes,
            [.. machine.Devices.Select(Device)],
            (ulong?)machine.HugePages,
            machine.DmaEntryLimit,
            new IommuDocument(
                machine.Iommu.PageSizes,
                machine.Iommu.ApertureBits,
                [.. machine.Iommu.Reserved.Select(range => new ReservedDocument(range.Start.Value, range.Last.Value, range.Kind))]),
            Aliases: aliases.Count == 0 ? null : aliases,
            MsixTableMapping: machine.FaultsInMsixTable ? "fault" : null);
        return JsonSerializer.Serialize(document, s_json.MachineDocument) + "\n";
    }

    private static DeviceDocument Device(DeviceDescription device) => new(
        device.Address.ToString(),
        device.Model,
        Hex(Trimmed(device.Config.Span)),
        device.ConfigSize,
        device.Driver,
        device.Emulation == ConfigEmulation.Qemu ? "qemu" : null,
        OrNull(device.Bars.Select(bar => new BarDocument(bar.Index, bar.Start, bar.Size, bar.Flags))),
        OrNull(device.ResetMethods.Select(Name)),
        OrNull(device.MemoryBars),
        OrNull(device.Registers.Select(register => new RegisterDocument(register.Bar, register.Offset, Hex(register.Data.Span), register.Writable))),
        device.Vpd.IsEmpty ? null : Hex(device.Vpd.Span));

    private static string Name(PciResetMethod method) => method switch
    {
        PciResetMethod.Flr => "flr",
        PciResetMethod.AfFlr => "af_flr",
        PciResetMethod.PowerManagement => "pm",
        _ => "bus",
    };

    // The reader wants the vendor and device id at least.
    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> config)
    {
        int length = config.TrimEnd((byte)0).Length;
        return config[..Math.Min(config.Length, Math.Max(length, 4))];
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    private static List<T>? OrNull<T>(IEnumerable<T> items)
    {
        List<T> list = [.. items];
        return list.Count == 0 ? null : list;
    }
}
