// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Pci;

namespace VfioSharp.Host.Sysfs;

/// <summary>Makes the picture of all files that the machine's sysfs and /dev have now.</summary>
internal sealed class SysfsPainter(SoftwareHost host, GroupRegistry registry)
{
    private const int ReadOnly = 0x124; // 0444
    private const int Writable = 0x1a4; // 0644
    private const int WriteOnly = 0x80; // 0200
    private const string Drivers = "/sys/bus/pci/drivers";
    private const string Devices = "/sys/bus/pci/devices";

    // drivers/pci/pci-sysfs.c: what this host can answer of it.
    private static readonly (string Name, int Mode)[] s_deviceAttributes =
    [
        ("vendor", ReadOnly), ("device", ReadOnly), ("subsystem_vendor", ReadOnly), ("subsystem_device", ReadOnly), ("revision", ReadOnly),
        ("class", ReadOnly), ("irq", ReadOnly), ("modalias", ReadOnly), ("uevent", Writable), ("numa_node", Writable), ("resource", ReadOnly),
        ("driver_override", Writable), ("config", Writable), ("reset_method", Writable), ("eeh_pe_config_addr", ReadOnly), ("eeh_pe_state", Writable), ("devspec", ReadOnly),
        ("sriov_totalvfs", ReadOnly), ("sriov_numvfs", Writable), ("sriov_offset", ReadOnly), ("sriov_stride", ReadOnly),
        ("sriov_vf_device", ReadOnly), ("sriov_drivers_autoprobe", Writable),
    ];

    /// <summary>Which devices, drivers and groups there are: a picture of the same is the same.</summary>
    public int Fingerprint()
    {
        HashCode hash = default;
        using (registry.Lock.EnterScope())
        {
            foreach (FunctionBinding binding in host.Functions.All)
            {
                hash.Add(binding);
                hash.Add(binding.Driver);
                hash.Add(binding.VirtualFunctions.Count);
            }
        }

        foreach (string node in host.NodeNames()) hash.Add(node);
        return hash.ToHashCode();
    }

    /// <summary>Makes the picture.</summary>
    public SysfsPicture Paint()
    {
        var picture = new SysfsPicture();
        picture.AddFolder(Devices);
        foreach (string driver in host.Drivers.Names) AddDriver(picture, driver);
        foreach (FunctionBinding binding in host.Functions.All) AddDevice(picture, binding);
        foreach (IommuGroup group in host.Functions.Groups) AddGroup(picture, group);
        picture.Own("/sys/kernel/iommu_groups");
        picture.AddFolder("/sys/kernel/iommu_groups");
        picture.Own("/sys/bus/pci/drivers_probe");
        picture.AddAttribute("/sys/bus/pci/drivers_probe", WriteOnly);
        AddModules(picture);
        picture.Own("/dev/vfio");
        foreach (string node in host.NodeNames()) picture.AddNode("/dev/vfio/" + node);
        return picture;
    }

    /// <summary>Where sysfs keeps a device: below the bridges above it.</summary>
    public string DevicePath(PciFunction function)
    {
        string path = "/" + function.Address;
        PciFunction top = function.PhysicalFunction ?? function;
        for (PciFunction? bridge = host.Platform.Topology.BridgeAbove(function); bridge is not null; bridge = host.Platform.Topology.BridgeAbove(bridge))
        {
            path = $"/{bridge.Address}{path}";
            top = bridge;
        }

        return string.Create(CultureInfo.InvariantCulture, $"/sys/devices/pci{top.Address.Segment:x4}:{top.Address.Bus:x2}{path}");
    }

    private void AddDevice(SysfsPicture picture, FunctionBinding binding)
    {
        string folder = DevicePath(binding.Function), name = binding.Function.Address.ToString(), known = $"{Devices}/{name}";
        picture.AddFolder(folder);
        picture.Own(folder);
        picture.Own(known);
        picture.AddLink(known, folder);
        picture.AddLink(folder + "/subsystem", "/sys/bus/pci");
        foreach ((string attribute, int mode) in s_deviceAttributes)
        {
            string by = $"{known}/{attribute}";
            if (attribute == "config" || host.Sysfs.ReadText(by, out _).IsSuccess) picture.AddAttribute($"{folder}/{attribute}", mode, by);
        }

        string? driver;
        IReadOnlyList<FunctionBinding> virtuals;
        using (registry.Lock.EnterScope()) (driver, virtuals) = (binding.Driver, binding.VirtualFunctions);
        if (driver is not null)
        {
            picture.AddLink(folder + "/driver", $"{Drivers}/{driver}");
            picture.AddLink($"{Drivers}/{driver}/{name}", folder);
        }

        if (binding.Group is { } group)
        {
            string number = group.Id.ToString(CultureInfo.InvariantCulture);
            picture.AddLink(folder + "/iommu_group", "/sys/kernel/iommu_groups/" + number);
        }

        if (binding.Function.PhysicalFunction is { } physical) picture.AddLink(folder + "/physfn", DevicePath(physical));
        for (int i = 0; i < virtuals.Count; i++)
            picture.AddLink(string.Create(CultureInfo.InvariantCulture, $"{folder}/virtfn{i}"), DevicePath(virtuals[i].Function));
    }

    private static void AddDriver(SysfsPicture picture, string driver)
    {
        string folder = $"{Drivers}/{driver}";
        picture.Own(folder);
        picture.AddAttribute(folder + "/bind", WriteOnly);
        picture.AddAttribute(folder + "/unbind", WriteOnly);
        if (driver == "vfio-pci") picture.AddLink(folder + "/module", "/sys/module/vfio_pci");
    }

    private void AddGroup(SysfsPicture picture, IommuGroup group)
    {
        string folder = string.Create(CultureInfo.InvariantCulture, $"/sys/kernel/iommu_groups/{group.Id}");
        picture.AddAttribute(folder + "/reserved_regions", ReadOnly);
        picture.AddAttribute(folder + "/type", Writable);
        picture.AddFolder(folder + "/devices");
        foreach (FunctionBinding member in group.Members)
            picture.AddLink($"{folder}/devices/{member.Function.Address}", DevicePath(member.Function));
    }

    private void AddModules(SysfsPicture picture)
    {
        foreach (string module in (string[])["vfio", "vfio_pci", "vfio_pci_core", "vfio_iommu_type1", "vfio_iommu_spapr_tce"]) picture.Own("/sys/module/" + module);
        foreach (string module in (string[])["vfio", "vfio_pci", "vfio_pci_core"]) picture.AddFolder("/sys/module/" + module);
        picture.AddAttribute(SysfsModel.EnableSriov, Writable);
        if (host.Platform.Eeh is null)
        {
            picture.AddAttribute(SysfsModel.EntryLimit, Writable);
            return;
        }

        picture.AddFolder("/sys/module/vfio_iommu_spapr_tce");
        foreach (string file in (string[])[EehAttributes.Break, EehAttributes.Freeze])
        {
            picture.Own(file);
            picture.AddAttribute(file, WriteOnly);
        }
    }
}
