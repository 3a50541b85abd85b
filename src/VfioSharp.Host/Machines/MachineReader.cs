// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Host.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Host.Machines;

// Turns the JSON into descriptions and checks what the JSON's shape cannot say.
internal readonly ref struct MachineReader
{
    private const int LegacyVga = 8;

    // vfio_iommu_type1.c: U16_MAX.
    private const uint DefaultDmaEntryLimit = 65535;

    private readonly ReadOnlySpan<byte> _json;
    private readonly string _file;
    private readonly IReadOnlyList<string>? _models;

    public MachineReader(ReadOnlySpan<byte> json, string file, IReadOnlyList<string>? models)
    {
        _models = models;
        _json = json;
        _file = file;
    }

    public MachineDescription Read(MachineDocument document)
    {
        if (document.Format != MachineFile.Format) throw Wrong("$.format", $"\"{MachineFile.Format}\"", $"\"{document.Format}\"");
        PlatformKind platform = Platform(document.Platform);
        if (document.PageSize is < 4096 or > 65536 || !ulong.IsPow2(document.PageSize))
        {
            throw Wrong("$.pageSize", "a power of two from 4096 to 65536", Text(document.PageSize));
        }

        if (document.DmaEntryLimit is 0 or > uint.MaxValue) throw Wrong("$.dmaEntryLimit", "1 to 4294967295", Text(document.DmaEntryLimit.Value));
        if (document.HugePages > int.MaxValue) throw Wrong("$.hugePages", "a count of pages", Text(document.HugePages.Value));
        IommuDescription iommu = platform == PlatformKind.X86 ? Iommu(document.Iommu ?? throw Wrong("$", "an iommu, as every x86 machine has", "none")) : NoIommu(document);
        var aliases = Aliases(document.Aliases);
        var devices = new List<DeviceDescription>();
        var taken = new Dictionary<PciAddress, int>();
        for (int i = 0; i < document.Devices.Count; i++)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"$.devices[{i}]");
            DeviceDescription device = Device(document.Devices[i], path, aliases);
            device = device with { Platform = platform, VirtualFunction = device.VirtualFunction is { } function ? function with { Platform = platform } : null };
            if (!taken.TryAdd(device.Address, i))
            {
                throw Wrong(path + ".address", "an address of its own", $"{device.Address}, which devices[{taken[device.Address]}] has");
            }

            devices.Add(device);
        }

        devices.Sort((left, right) => left.Address.CompareTo(right.Address));
        return new MachineDescription(
            document.Name, platform, (int)document.PageSize, document.Ram, (int?)document.HugePages,
            (uint)(document.DmaEntryLimit ?? DefaultDmaEntryLimit), iommu, aliases, devices)
        {
            HostBridges = HostBridges(document.HostBridges, platform),
            FirmwarePageSizes = FirmwarePageSizes(document.FirmwarePageSizes, platform),
            Pseries = Pseries(document, platform),
            Eeh = Eeh(document.Eeh, platform),
            FaultsInMsixTable = Choice(document.MsixTableMapping, "show", "fault", "$.msixTableMapping"),
        };
    }

    private PlatformKind Platform(string document) => document switch
    {
        "x86" => PlatformKind.X86,
        "powernv" => PlatformKind.PowerNv,
        "pseries" => PlatformKind.Pseries,
        _ => throw Wrong("$.platform", "x86, powernv or pseries", $"\"{document}\""),
    };

    private IommuDescription NoIommu(MachineDocument document) => document.Iommu is null
        ? new IommuDescription(0, 64, [])
        : throw Wrong("$.iommu", $"no iommu on {document.Platform}: its host bridges say what DMA can do", "one");

    private List<HostBridgeDescription> HostBridges(IReadOnlyList<HostBridgeDocument>? document, PlatformKind platform)
    {
        if ((document is not null) != (platform != PlatformKind.X86))
        {
            throw Wrong("$.hostBridges", document is null ? "the host bridges, as every POWER machine has" : "no host bridges on x86", document is null ? "none" : "some");
        }

        var bridges = new List<HostBridgeDescription>();
        for (int i = 0; i < (document?.Count ?? 0); i++)
        {
            HostBridgeDocument bridge = document![i];
            string path = string.Create(CultureInfo.InvariantCulture, $"$.hostBridges[{i}]");
            if (bridge.Segment is < 0 or > ushort.MaxValue || bridges.Exists(other => other.Segment == bridge.Segment)) throw Wrong(path + ".segment", "a segment of its own, 0 to 65535", Text(bridge.Segment));
            var properties = new Dictionary<string, ReadOnlyMemory<byte>>();
            foreach ((string name, string bytes) in bridge.Properties) properties.Add(name, Hex(bytes, path + ".properties"));
            bridges.Add(new HostBridgeDescription(bridge.Segment, bridge.Node, properties));
        }

        return bridges;
    }

    private ulong FirmwarePageSizes(ulong? document, PlatformKind platform) => platform == PlatformKind.Pseries
        ? document ?? throw Wrong("$", "firmwarePageSizes, as every pseries machine has", "none")
        : document is null ? 0UL : throw Wrong("$.firmwarePageSizes", "none but on pseries", $"0x{document:x}");

    private PseriesDescription Pseries(MachineDocument document, PlatformKind platform)
    {
        if (platform != PlatformKind.Pseries)
        {
            string? option = document.VirtualFunctionWindows is not null ? "virtualFunctionWindows"
                : document.DefaultWindowInfo is not null ? "defaultWindowInfo"
                : document.HotplugWindows is not null ? "hotplugWindows"
                : document.TableLevels is not null ? "tableLevels"
                : document.TceReadBack is not null ? "tceReadBack" : null;
            return option is null ? new PseriesDescription() : throw Wrong("$." + option, "none but on pseries", "one");
        }

        if (document.VirtualFunctionWindows is { } windows and not (1 or 2)) throw Wrong("$.virtualFunctionWindows", "1 or 2", Text(windows));
        return new PseriesDescription
        {
            VirtualFunctionWindows = document.VirtualFunctionWindows ?? 1,
            HasWideWindowInfo = Choice(document.DefaultWindowInfo, "32-bit", "64-bit", "$.defaultWindowInfo"),
            KeepsHotplugWindows = Choice(document.HotplugWindows, "node", "kept", "$.hotplugWindows"),
            TakesMoreLevels = Choice(document.TableLevels, "one", "any", "$.tableLevels"),
            ReadsTcesBack = document.TceReadBack ?? true,
        };
    }

    // Whether the second of two words is there; none stands for the first.
    private bool Choice(string? value, string first, string second, string path) =>
        value is null || value == first ? false : value == second ? true : throw Wrong(path, $"{first} or {second}", $"\"{value}\"");

    private EehBehaviour Eeh(string? document, PlatformKind platform) => document switch
    {
        null => EehBehaviour.Hardware,
        "hardware" or "qemu" when platform == PlatformKind.X86 => throw Wrong("$.eeh", "no eeh on x86", $"\"{document}\""),
        "hardware" => EehBehaviour.Hardware,
        "qemu" => EehBehaviour.Qemu,
        _ => throw Wrong("$.eeh", "hardware or qemu", $"\"{document}\""),
    };

    private List<MachineAlias> Aliases(OrderedDictionary<string, string>? document)
    {
        var aliases = new List<MachineAlias>();
        foreach ((string name, string address) in document ?? [])
        {
            aliases.Add(new MachineAlias(name, Address(address, "$.aliases." + name)));
        }

        return aliases;
    }

    private IommuDescription Iommu(IommuDocument document)
    {
        if (document.PageSizes == 0) throw Wrong("$.iommu.pageSizes", "a bitmap of page sizes", "0");
        if (document.ApertureBits is < 12 or > 64) throw Wrong("$.iommu.apertureBits", "12 to 64", Text(document.ApertureBits));
        var reserved = new List<ReservedRange>();
        for (int i = 0; i < document.Reserved.Count; i++)
        {
            ReservedDocument range = document.Reserved[i];
            string path = string.Create(CultureInfo.InvariantCulture, $"$.iommu.reserved[{i}]");
            if (range.Last < range.Start) throw Wrong(path + ".last", $"not below start, 0x{range.Start:x}", $"0x{range.Last:x}");
            if (range.Kind is not ("msi" or "direct" or "reserved")) throw Wrong(path + ".kind", "msi, direct or reserved", $"\"{range.Kind}\"");
            reserved.Add(new ReservedRange(new Iova(range.Start), new Iova(range.Last), range.Kind));
        }

        return new IommuDescription(document.PageSizes, document.ApertureBits, reserved);
    }

    private DeviceDescription Device(DeviceDocument document, string path, List<MachineAlias> aliases)
    {
        if (_models is not null && !_models.Contains(document.Model)) throw Wrong(path + ".model", string.Join(" or ", _models), $"\"{document.Model}\"");
        PciAddress address = Address(document.Address, path + ".address");
        byte[] config = Config(document.Config, document.ConfigSize, path);
        // vfio_pci_core.c: vfio_pci_core_register_device: endpoints only.
        int headerType = config.Length > 0x0e ? config[0x0e] & 0x7f : 0;
        if (document.Driver == "vfio-pci" && headerType != 0) throw Wrong(path + ".driver", "another driver than vfio-pci, which takes no bridge", $"\"vfio-pci\" for header type {headerType}");
        var view = new ConfigView(config);
        if (document.Driver == "vfio-pci" && DeviceQuirks.IsDenied(view.VendorId, view.DeviceId))
        {
            throw Wrong(path + ".driver", "another driver than vfio-pci, whose denylist has the device", $"\"vfio-pci\" for {view.VendorId:x4}:{view.DeviceId:x4}");
        }

        string? alias = null;
        foreach (MachineAlias candidate in aliases)
        {
            if (candidate.Address == address)
            {
                alias = candidate.Name;
                break;
            }
        }

        List<PciBar> bars = Bars(document.Bars, path + ".bars");
        return new DeviceDescription(
            document.Model, address, alias, document.Driver, config, document.ConfigSize, bars,
            ResetMethods(document.ResetMethods, path + ".resetMethods"),
            Emulation(document.Emulation, path + ".emulation"),
            MemoryBars(document.MemoryBars, bars, path + ".memoryBars"),
            Registers(document.Registers, bars, path + ".registers"))
        {
            Vpd = Vpd(document.Vpd, config, path + ".vpd"),
            VirtualFunction = document.VirtualFunction is { } function ? VirtualFunction(function, path + ".virtualFunction", address, config, bars) : null,
        };
    }

    // Virtual function 0: its BARs are the first parts of those that the SR-IOV capability assigns to all of them.
    private DeviceDescription VirtualFunction(VirtualFunctionDocument document, string path, PciAddress physical, byte[] physicalConfig, List<PciBar> physicalBars)
    {
        if (SriovCapability.Find(new ConfigView(physicalConfig)) is not { } sriov || !sriov.TryAddress(physical, 0, out PciAddress address))
        {
            throw Wrong(path, "a device with the SR-IOV capability", $"none in the configuration of {physical}");
        }

        var bars = new List<PciBar>();
        foreach (PciBar bar in physicalBars)
        {
            if (bar.Index <= 6) continue;
            ulong size = bar.Size / sriov.TotalVfs;
            if (!ulong.IsPow2(size) || size * sriov.TotalVfs != bar.Size)
            {
                throw Wrong(path, $"BAR {bar.Index} of the device to be {sriov.TotalVfs} times a power of two", $"0x{bar.Size:x} bytes");
            }

            bars.Add(new PciBar(bar.Index - 7, bar.Start, size, bar.Flags));
        }

        byte[] config = Config(document.Config, document.ConfigSize, path);
        return new DeviceDescription(
            document.Model, address, null, null, config, document.ConfigSize, bars,
            ResetMethods(document.ResetMethods, path + ".resetMethods"),
            Emulation(document.Emulation, path + ".emulation"),
            MemoryBars(document.MemoryBars, bars, path + ".memoryBars"),
            Registers(document.Registers, bars, path + ".registers"))
        {
            IsVirtual = true,
        };
    }

    private byte[] Config(string text, int size, string path)
    {
        if (size is not (256 or 4096)) throw Wrong(path + ".configSize", "256 or 4096", Text(size));
        byte[] config = Hex(text, path + ".config");
        if (config.Length > size) throw Wrong(path + ".config", $"at most {size} bytes", $"{config.Length} bytes");
        return config.Length >= 4 ? config : throw Wrong(path + ".config", "at least the vendor and device id (4 bytes)", $"{config.Length} bytes");
    }

    private byte[] Vpd(string? text, byte[] config, string path)
    {
        if (text is null) return [];
        byte[] image = Hex(text, path);
        if (new ConfigView(config).FindCapability(PciCapabilityId.Vpd) == 0) throw Wrong(path, "a device with the VPD capability", "none in its configuration");
        return image.Length is > 0 and <= VitalProductData.Capacity ? image : throw Wrong(path, $"1 to {VitalProductData.Capacity} bytes", $"{image.Length} bytes");
    }

    private List<PciBar> Bars(IReadOnlyList<BarDocument>? document, string path)
    {
        var bars = new List<PciBar>();
        for (int i = 0; i < (document?.Count ?? 0); i++)
        {
            BarDocument bar = document![i];
            string at = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]");
            if (bar.Index is < 0 or > 12) throw Wrong(at + ".index", "0 to 12", Text(bar.Index));
            if (bars.Exists(other => other.Index == bar.Index)) throw Wrong(at + ".index", "an index of its own", $"{bar.Index} again");
            // Those of virtual functions are of several together.
            if (bar.Index <= 6 ? !ulong.IsPow2(bar.Size) : bar.Size == 0) throw Wrong(at + ".size", "a power of two", Text(bar.Size));
            if (bar.Index <= 6 && (bar.Start & (bar.Size - 1)) != 0) throw Wrong(at + ".start", $"a multiple of the size 0x{bar.Size:x}", $"0x{bar.Start:x}");
            if ((bar.Flags & 0x300) is not (0x100 or 0x200)) throw Wrong(at + ".flags", "IORESOURCE_IO (0x100) or IORESOURCE_MEM (0x200)", $"0x{bar.Flags:x}");
            bars.Add(new PciBar(bar.Index, bar.Start, bar.Size, bar.Flags));
        }

        return bars;
    }

    private List<PciResetMethod> ResetMethods(IReadOnlyList<string>? document, string path)
    {
        var methods = new List<PciResetMethod>();
        for (int i = 0; i < (document?.Count ?? 0); i++)
        {
            methods.Add(document![i] switch
            {
                "flr" => PciResetMethod.Flr,
                "af_flr" => PciResetMethod.AfFlr,
                "pm" => PciResetMethod.PowerManagement,
                "bus" => PciResetMethod.Bus,
                string other => throw Wrong(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), "flr, af_flr, pm or bus", $"\"{other}\""),
            });
        }

        return methods;
    }

    private ConfigEmulation Emulation(string? document, string path) => document switch
    {
        null or "hardware" => ConfigEmulation.Hardware,
        "qemu" => ConfigEmulation.Qemu,
        _ => throw Wrong(path, "hardware or qemu", $"\"{document}\""),
    };

    private List<int> MemoryBars(IReadOnlyList<int>? document, List<PciBar> bars, string path)
    {
        for (int i = 0; i < (document?.Count ?? 0); i++)
        {
            int index = document![i];
            PciBar bar = bars.Find(bar => bar.Index == index);
            string at = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]");
            if (bar.Size == 0) throw Wrong(at, "a BAR listed in bars", Text(index));
            if (bar.IsIo) throw Wrong(at, "a memory BAR", $"{index}, which is port I/O");
        }

        return [.. document ?? []];
    }

    private List<RegisterDescription> Registers(IReadOnlyList<RegisterDocument>? document, List<PciBar> bars, string path)
    {
        var registers = new List<RegisterDescription>();
        for (int i = 0; i < (document?.Count ?? 0); i++)
        {
            RegisterDocument register = document![i];
            string at = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]");
            // 8 stands for the legacy VGA ranges, by their address.
            PciBar bar = register.Bar == LegacyVga ? new PciBar(LegacyVga, 0, 0xc0000, 0x200) : bars.Find(bar => bar.Index == register.Bar);
            if (bar.Size == 0 || bar.Index is > 6 and not LegacyVga) throw Wrong(at + ".bar", "a BAR listed in bars, or 8 for VGA", Text(register.Bar));
            byte[] data = Hex(register.Data, at + ".data");
            if (register.Offset > bar.Size || (ulong)data.Length > bar.Size - register.Offset)
            {
                throw Wrong(at + ".offset", $"inside BAR {bar.Index} of 0x{bar.Size:x} bytes", $"0x{register.Offset:x} with {data.Length} bytes");
            }

            registers.Add(new RegisterDescription(register.Bar, register.Offset, data, register.Writable));
        }

        return registers;
    }

    private PciAddress Address(string text, string path) =>
        PciAddress.TryParse(text, out PciAddress address) ? address : throw Wrong(path, "a PCI address like 0000:03:00.0", $"\"{text}\"");

    private byte[] Hex(string text, string path)
    {
        try
        {
            return Convert.FromHexString(text);
        }
        catch (FormatException)
        {
            throw Wrong(path, "an even count of hexadecimal digits", $"\"{(text.Length > 24 ? text[..24] + "…" : text)}\"");
        }
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private MachineFormatException Wrong(string path, string expected, string found) =>
        new(_file, path, JsonLocator.LineOf(_json, path), expected, found);
}
