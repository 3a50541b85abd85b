// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Host.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Host.Sysfs;

/// <summary>
/// What sysfs shows of the machine's devices, groups and drivers, and what writing to it does. Paths are absolute and
/// normal (no <c>..</c>). Thread-safe; writes may block as the kernel's do.
/// </summary>
public sealed class SysfsModel
{
    /// <summary>Not Linux's: a write of "ADDRESS BITS" is an error of that function's endpoint (1 MMIO, 2 DMA, 3 both, 0 neither).</summary>
    public const string FreezeFile = EehAttributes.Freeze;

    private const string Devices = "/sys/bus/pci/devices/";
    private const string DriversFolder = "/sys/bus/pci/drivers/";
    private const string GroupsFolder = "/sys/kernel/iommu_groups/";
    private const string HugePages = "/proc/sys/vm/nr_hugepages";
    internal const string EntryLimit = "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit";

    internal const string EnableSriov = "/sys/module/vfio_pci/parameters/enable_sriov";

    private readonly SoftwareHost _host;
    private readonly GroupRegistry _registry;
    private readonly SriovAttributes _sriov;
    private readonly EehAttributes _eeh;
    private readonly SysfsPainter _painter;

    // The last picture and what it is of. Whoever finds another state replaces both.
    private volatile Tuple<int, SysfsPicture>? _picture;

    internal SysfsModel(SoftwareHost host, GroupRegistry registry)
    {
        _host = host;
        _registry = registry;
        _sriov = new SriovAttributes(host.Drivers, registry);
        _eeh = new EehAttributes(host);
        _painter = new SysfsPainter(host, registry);
    }

    /// <summary>
    /// All files that there are now. The same object as long as no device, driver or node comes or goes; texts of
    /// attributes may change meanwhile.
    /// </summary>
    public SysfsPicture Picture()
    {
        int state = _painter.Fingerprint();
        if (_picture is { } known && known.Item1 == state) return known.Item2;
        SysfsPicture picture = _painter.Paint();
        _picture = Tuple.Create(state, picture);
        return picture;
    }

    /// <summary>What an attribute's file holds: its text, the bytes of configuration space, nothing where it is only written.</summary>
    /// <param name="path">As <see cref="SysfsEntry.Text"/> says.</param>
    /// <param name="content">The bytes.</param>
    public KernelResult ReadContent(string path, out byte[] content)
    {
        if (TryDevice(path, out FunctionBinding? binding, out string attribute) && attribute == "config")
        {
            content = ReadConfig(binding!.Function);
            return KernelResult.Ok(content.Length);
        }

        KernelResult read = ReadText(path, out string? text);
        content = text is null ? [] : Encoding.ASCII.GetBytes(text);
        return read;
    }

    /// <summary>readlink.</summary>
    public KernelResult ReadLink(string path, out string? target)
    {
        string where = TryDevice(path, out FunctionBinding? binding, out string attribute) && attribute.Length != 0
            ? $"{_painter.DevicePath(binding!.Function)}/{attribute}"
            : path;
        target = Picture().Entries.GetValueOrDefault(where) is { Kind: SysfsKind.Link } link ? link.Text : null;
        return target is null ? Missing("readlink", path) : KernelResult.Ok(target.Length);
    }

    /// <summary>The text of an attribute, with its line end.</summary>
    public KernelResult ReadText(string path, out string? text)
    {
        text = null;
        if (path == EntryLimit)
        {
            text = string.Create(CultureInfo.InvariantCulture, $"{_host.Type1Parameters.DmaEntryLimit}\n");
        }
        else if (path == EnableSriov)
        {
            text = _host.VfioPciParameters.EnableSriov ? "Y\n" : "N\n";
        }
        else if (TryDevice(path, out FunctionBinding? binding, out string attribute))
        {
            text = DeviceText(binding!, attribute) ?? _sriov.Read(binding!, attribute) ?? EehAttributes.Read(binding!.Function, attribute);
        }
        else if (TryGroup(path, out IommuGroup? group, out string groupAttribute))
        {
            text = groupAttribute switch
            {
                "reserved_regions" => string.Concat(group!.Platform.Reserved.Select(range => $"0x{range.Start.Value:x16} 0x{range.Last.Value:x16} {range.Kind}\n")),
                "type" => "DMA\n",
                _ => null,
            };
        }

        return text is null ? Missing("open", path) : KernelResult.Ok(text.Length);
    }

    /// <summary>The names in a folder, sorted.</summary>
    public KernelResult ListNames(string path, out IReadOnlyList<string>? names)
    {
        names = null;
        string folder = path.TrimEnd('/');
        if (folder == "/sys/bus/pci/devices") names = [.. _host.Functions.All.Select(binding => binding.Function.Address.ToString())];
        else if (folder == "/sys/kernel/iommu_groups") names = [.. _host.Functions.Groups.Select(group => group.Id.ToString(CultureInfo.InvariantCulture))];
        else if (TryGroup(folder, out IommuGroup? group, out string attribute) && attribute == "devices")
        {
            names = [.. group!.Members.Select(member => member.Function.Address.ToString())];
        }

        return names is null ? Missing("open", path) : KernelResult.Ok(names.Count);
    }

    /// <summary>Writes an attribute; the value is the count of characters taken.</summary>
    public KernelResult WriteText(string path, string text)
    {
        string value = text.TrimEnd('\n');
        KernelResult written;
        if (path == EntryLimit) written = WriteEntryLimit(value);
        else if (path == EnableSriov) written = WriteEnableSriov(value);
        else if (path == HugePages && _host.Platform.HasHugePages) written = KernelResult.Success;
        else if (path == "/sys/bus/pci/drivers_probe") written = Probe(value);
        else if (_eeh.Covers(path)) written = _eeh.Write(path, value);
        else if (TryDriverFile(path, out string? driver, out string? file)) written = WriteDriverFile(path, driver!, file!, value);
        else if (TryDevice(path, out FunctionBinding? binding, out string attribute)) written = WriteDevice(path, binding!, attribute, value);
        else written = Missing("open", path);
        return written.IsError ? written : KernelResult.Ok(text.Length);
    }

    private KernelResult WriteDevice(string path, FunctionBinding binding, string attribute, string value)
    {
        if (attribute == "driver_override")
        {
            using (_registry.Lock.EnterScope()) binding.DriverOverride = value.Length == 0 ? null : value;
            return KernelResult.Success;
        }

        if (attribute is "driver/unbind" or "driver/bind")
        {
            string? driver;
            using (_registry.Lock.EnterScope()) driver = binding.Driver;
            return driver is null ? Missing("open", path) : WriteDriverFile(path, driver, attribute["driver/".Length..], value);
        }

        return _sriov.Write(binding, attribute, value) ?? EehAttributes.Write(binding.Function, attribute) ?? Missing("open", path);
    }

    // drivers/base/bus.c: bind_store, unbind_store
    private KernelResult WriteDriverFile(string path, string driver, string file, string value)
    {
        if (!_host.Drivers.IsKnown(driver)) return Missing("open", path);
        if (!PciAddress.TryParse(value, out PciAddress address) || _host.Functions.Find(address) is not { } binding)
        {
            return KernelResult.Fail(Errno.ENODEV, $"{path}: \"{value}\" is no PCI device of machine {_host.Platform.Name}");
        }

        if (file == "unbind") return _host.Drivers.Unbind(binding, driver);
        if (file != "bind") return Missing("open", path);
        string? wanted;
        string? bound;
        using (_registry.Lock.EnterScope()) (wanted, bound) = (binding.DriverOverride, binding.Driver);
        if (wanted != driver) return KernelResult.Fail(Errno.ENODEV, $"{path}: {driver} does not match {address}, whose driver_override is {wanted ?? "not set"}");
        return bound is null
            ? _host.Drivers.Bind(binding, driver)
            : KernelResult.Fail(Errno.EBUSY, $"{path}: {address} is bound to {bound}");
    }

    // drivers/base/bus.c: drivers_probe_store: no match is no failure.
    private KernelResult Probe(string value)
    {
        if (!PciAddress.TryParse(value, out PciAddress address) || _host.Functions.Find(address) is not { } binding)
        {
            return KernelResult.Fail(Errno.ENODEV, $"drivers_probe: \"{value}\" is no PCI device of machine {_host.Platform.Name}");
        }

        string? wanted;
        using (_registry.Lock.EnterScope()) wanted = binding.DriverOverride;
        if (wanted is null || !_host.Drivers.IsKnown(wanted)) return KernelResult.Success;
        KernelResult bound = _host.Drivers.Bind(binding, wanted);
        return bound.IsError && (_host.Fidelity & Fidelity.FailedProbeIsInvalid) != 0 ? KernelResult.Fail(Errno.EINVAL, $"drivers_probe: {bound.Reason} ({bound.Errno})") : bound;
    }

    private KernelResult WriteEnableSriov(string value)
    {
        if (!KernelBoolean.TryParse(value, out bool enable)) return KernelResult.Fail(Errno.EINVAL, $"enable_sriov: \"{value}\" is not a boolean");
        _host.VfioPciParameters.EnableSriov = enable;
        return KernelResult.Success;
    }

    private KernelResult WriteEntryLimit(string value)
    {
        if (!uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint limit))
        {
            return KernelResult.Fail(Errno.EINVAL, $"dma_entry_limit: \"{value}\" is not a number of mappings");
        }

        _host.Type1Parameters.DmaEntryLimit = limit;
        return KernelResult.Success;
    }

    private string? DeviceText(FunctionBinding binding, string attribute)
    {
        PciFunction function = binding.Function;
        switch (attribute)
        {
            case "vendor": return Hex(function.Identity.VendorId, 4);
            case "device": return Hex(function.Identity.DeviceId, 4);
            case "class": return Hex(function.Identity.Class, 6);
            case "revision": return Hex(function.Identity.Revision, 2);
            case "subsystem_vendor": return Hex(function.Identity.SubsystemVendorId, 4);
            case "subsystem_device": return Hex(function.Identity.SubsystemId, 4);
            case "irq": return function.ReadConfig(PciHeader.InterruptLine, 1).ToString(CultureInfo.InvariantCulture) + "\n";
            case "modalias": return DeviceIdentity.Modalias(function) + "\n";
            case "uevent":
                using (_registry.Lock.EnterScope()) return DeviceIdentity.Uevent(function, binding.Driver);
            case "reset_method": return DeviceIdentity.ResetMethods(function);
            case "numa_node": return "-1\n";
            case "driver_override":
                using (_registry.Lock.EnterScope()) return (binding.DriverOverride ?? "(null)") + "\n";
            case "resource": return ResourceText.Of(function);
            // drivers/pci/pci-sysfs.c: devspec_show. The machine's device tree ends at its host bridges: no function has a node,
            // and none the link of_node. Where there is no device tree the kernel usually has not even the file.
            case "devspec": return _host.Platform.Eeh is null ? null : "";
            default: return null;
        }
    }

    // What a privileged reader sees: all of it (pci_read_config).
    private static byte[] ReadConfig(PciFunction function)
    {
        byte[] bytes = new byte[function.ConfigSize];
        for (int offset = 0; offset < bytes.Length; offset += 4)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), function.ReadConfig(offset, 4));
        return bytes;
    }

    private static string Hex(uint value, int digits) => "0x" + value.ToString("x" + digits, CultureInfo.InvariantCulture) + "\n";

    private bool TryDevice(string path, out FunctionBinding? binding, out string attribute)
    {
        binding = null;
        attribute = "";
        if (!path.StartsWith(Devices, StringComparison.Ordinal)) return false;
        int slash = path.IndexOf('/', Devices.Length);
        string name = slash < 0 ? path[Devices.Length..] : path[Devices.Length..slash];
        if (!PciAddress.TryParse(name, out PciAddress address)) return false;
        binding = _host.Functions.Find(address);
        attribute = slash < 0 ? "" : path[(slash + 1)..];
        return binding is not null;
    }

    private bool TryGroup(string path, out IommuGroup? group, out string attribute)
    {
        group = null;
        attribute = "";
        if (!path.StartsWith(GroupsFolder, StringComparison.Ordinal)) return false;
        string[] parts = path[GroupsFolder.Length..].Split('/', 2);
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id)) return false;
        group = _host.Functions.FindGroup(id);
        attribute = parts.Length > 1 ? parts[1] : "";
        return group is not null;
    }

    private static bool TryDriverFile(string path, out string? driver, out string? file)
    {
        driver = file = null;
        if (!path.StartsWith(DriversFolder, StringComparison.Ordinal)) return false;
        string[] parts = path[DriversFolder.Length..].Split('/');
        if (parts.Length != 2) return false;
        (driver, file) = (parts[0], parts[1]);
        return true;
    }

    private KernelResult Missing(string call, string path) =>
        KernelResult.Fail(Errno.ENOENT, $"{call}: {path} does not exist on machine {_host.Platform.Name}");
}
