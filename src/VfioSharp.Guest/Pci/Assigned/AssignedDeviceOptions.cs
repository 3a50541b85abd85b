// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using VfioSharp.Guest.Containers;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>What a user says of a device to assign, as QEMU's <c>-device</c> and <c>device_add</c> take it.</summary>
public sealed record AssignedDeviceOptions
{
    /// <summary>The device type of the syntax.</summary>
    public const string TypeName = "vfio-pci";

    private const string Known = "addr, bootindex, bus, fd, host, id, multifunction, rombar, romfile, sysfsdev, x-intx-mmap-timeout-ms, x-no-mmap";

    /// <summary>The device by its address on the host (<c>host=[domain:]bus:slot.function</c>).</summary>
    public PciAddress? Host { get; init; }

    /// <summary>The device by its folder in sysfs (<c>sysfsdev</c>).</summary>
    public string? SysfsDevice { get; init; }

    /// <summary>A descriptor of the device's group that somebody else opened (<c>fd</c>).</summary>
    public int? GroupDescriptor { get; init; }

    /// <summary>Its name (<c>id</c>); null: it is named by its host address.</summary>
    public string? Id { get; init; }

    /// <summary>The guest's bus it goes to (<c>bus</c>); null: the monitor chooses.</summary>
    public string? Bus { get; init; }

    /// <summary>Device and function number on that bus (<c>addr=slot[.function]</c>); null: the monitor chooses.</summary>
    public byte? Function { get; init; }

    /// <summary>Its place in the order of boot (<c>bootindex</c>), for firmware.</summary>
    public int? BootIndex { get; init; }

    /// <summary>Whether the guest sees a device of several functions (<c>multifunction</c>), whatever the host's device has.</summary>
    public bool IsMultifunction { get; init; }

    /// <summary>Whether the guest sees a ROM (<c>rombar</c>).</summary>
    public bool HasRom { get; init; } = true;

    /// <summary>A file that is the ROM in place of the device's own (<c>romfile</c>); an empty name: no ROM.</summary>
    public string? RomFile { get; init; }

    /// <summary>
    /// How long after an INTx interrupt BARs stay unmapped (<c>x-intx-mmap-timeout-ms</c>), where the end of an interrupt
    /// is known by accesses only; zero: until the next reset.
    /// </summary>
    public TimeSpan IntxMapTimeout { get; init; } = TimeSpan.FromMilliseconds(1100);

    /// <summary>Whether BARs are mapped where they can be (<c>x-no-mmap=off</c>).</summary>
    public bool MapsBars { get; init; } = true;

    /// <summary>Reads <c>vfio-pci,property=value,…</c>; a comma in a value is doubled.</summary>
    /// <exception cref="DeviceAssignmentException">Another type, an unknown property, a value that is none.</exception>
    public static AssignedDeviceOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<string> parts = Split(text);
        if (parts[0] != TypeName)
            throw new DeviceAssignmentException($"'{parts[0]}' is not a type of device that can be assigned", $"Begin with {TypeName},");
        var options = new AssignedDeviceOptions();
        foreach (string part in parts.Skip(1))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? part : part[..equals];

            // A property without a value is a switch that is on.
            options = options.With(name, equals < 0 ? "on" : part[(equals + 1)..]);
        }

        if (options.Host is null && options.SysfsDevice is null)
            throw new DeviceAssignmentException($"'{text}' names no device of the host", "Add host=bus:slot.function or sysfsdev=/sys/bus/pci/devices/ADDRESS");
        return options;
    }

    private AssignedDeviceOptions With(string name, string value) => name switch
    {
        "host" => this with { Host = ParseHost(value) },
        "sysfsdev" => this with { SysfsDevice = value },
        "fd" => this with { GroupDescriptor = ParseNumber(name, value) },
        "id" => this with { Id = value },
        "bus" => this with { Bus = value },
        "addr" => this with { Function = ParseFunction(value) },
        "bootindex" => this with { BootIndex = ParseNumber(name, value) },
        "multifunction" => this with { IsMultifunction = ParseSwitch(name, value) },
        "rombar" => this with { HasRom = ParseNumber(name, value) != 0 },
        "romfile" => this with { RomFile = value },
        "x-intx-mmap-timeout-ms" => this with { IntxMapTimeout = TimeSpan.FromMilliseconds(ParseNumber(name, value)) },
        "x-no-mmap" => this with { MapsBars = !ParseSwitch(name, value) },
        _ => throw new DeviceAssignmentException($"{TypeName} has no property '{name}'", $"Its properties are {Known}"),
    };

    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != ',')
            {
                part.Append(text[i]);
                continue;
            }

            if (i + 1 < text.Length && text[i + 1] == ',')
            {
                part.Append(',');
                i++;
                continue;
            }

            parts.Add(part.ToString());
            part.Clear();
        }

        parts.Add(part.ToString());
        return parts;
    }

    private static PciAddress ParseHost(string value)
    {
        // Fields may be short and the domain may be missing: 1:10.1 is 0000:01:10.1.
        string[] fields = value.Split(':');
        string[] last = fields[^1].Split('.');
        if (fields.Length is 2 or 3 && last.Length == 2 &&
            TryHex(fields.Length == 3 ? fields[0] : "0", ushort.MaxValue, out uint segment) && TryHex(fields[^2], byte.MaxValue, out uint bus) &&
            TryHex(last[0], 31, out uint slot) && TryHex(last[1], 7, out uint function))
        {
            return new PciAddress((ushort)segment, (byte)bus, (byte)slot, (byte)function);
        }

        throw new DeviceAssignmentException($"host={value} is no PCI address", "Write it as [domain:]bus:slot.function in hexadecimal, as lspci prints it");
    }

    private static byte ParseFunction(string value)
    {
        string[] fields = value.Split('.');
        string slotText = fields[0].StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? fields[0][2..] : fields[0];
        uint function = 0;
        if (fields.Length <= 2 && TryHex(slotText, 31, out uint slot) && (fields.Length == 1 || TryHex(fields[1], 7, out function)))
            return (byte)((slot << 3) | function);
        throw new DeviceAssignmentException($"addr={value} is no place on a bus", "Write it as slot or slot.function in hexadecimal: up to 1f.7");
    }

    private static bool TryHex(string text, uint most, out uint value) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value <= most;

    private static int ParseNumber(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new DeviceAssignmentException($"{name}={value} is no number");

    private static bool ParseSwitch(string name, string value) => value switch
    {
        "on" or "yes" or "true" or "y" => true,
        "off" or "no" or "false" or "n" => false,
        _ => throw new DeviceAssignmentException($"{name}={value} is neither on nor off"),
    };
}
