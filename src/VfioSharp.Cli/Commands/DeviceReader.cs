// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Cli.Capabilities;
using VfioSharp.Cli.Lspci;
using VfioSharp.Cli.PciIds;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Cli.Commands;

/// <summary>Gathers what there is to tell of a device.</summary>
internal static class DeviceReader
{
    /// <summary>The function that an alias or an address names.</summary>
    public static PciFunction Find(SoftwareHost host, MachineDescription machine, string wanted)
    {
        MachineAlias alias = machine.Aliases.FirstOrDefault(alias => alias.Name == wanted);
        PciAddress address = alias.Address;
        bool known = alias.Name is not null || PciAddress.TryParse(wanted, out address) || PciAddress.TryParse("0000:" + wanted, out address);
        return (known ? host.Platform.Topology.Find(address) : null) ?? throw CommandFailure.Usage(
            $"machine {machine.Name} has no device '{wanted}'", "vfio show lists its devices; name one by alias or address");
    }

    /// <summary>Reads it.</summary>
    public static DeviceListing Read(SoftwareHost host, MachineDescription machine, PciFunction function)
    {
        MachineListing all = MachineListing.Read(host, machine);
        ListedDevice device = all.Devices.First(listed => listed.Address == function.Address.ToString());
        byte[] config = LspciText.Bytes(function);
        var view = new ConfigView(config);
        bool endpoint = (view.Read8(ConfigOffset.HeaderType) & 0x7f) == 0;
        ListedGroup? group = all.Groups.FirstOrDefault(group => group.Id == device.Group);
        List<ListedRegion> regions = [];
        List<ListedInterrupt> interrupts = [];
        (string Cause, string? Remedy)? blocked = Blocked(all, device, endpoint, group);
        if (blocked is null)
        {
            KernelResult opened = VfioView.Read(host, function.Address, group!.Id, regions, interrupts);
            if (opened.IsError) blocked = ($"{opened.Errno}: {opened.Reason}", null);
        }

        PciNames names = PciNames.Installed;
        ushort cardVendor = view.Read16(ConfigOffset.HeaderSize - 0x14);
        ushort card = view.Read16(ConfigOffset.HeaderSize - 0x12);
        bool hasCard = endpoint && cardVendor != 0;
        return new DeviceListing(
            device.Address, device.Alias, machine.Name, device.Vendor, device.Device,
            LspciText.DeviceName(view.VendorId, view.DeviceId, names),
            device.Class, LspciText.ClassName(view.ClassCode, names),
            Hex(view.Read8(ConfigOffset.RevisionId), 2),
            hasCard ? $"{Hex(cardVendor, 4)}:{Hex(card, 4)}" : null,
            hasCard ? names.Subsystem(view.VendorId, view.DeviceId, cardVendor, card) ?? names.Vendor(cardVendor) : null,
            device.Driver,
            CapabilityListing.Read(config, endpoint ? ShownConfiguration.Of(function) : null),
            [.. function.Bars.Concat(function.VirtualFunctionBars).Where(bar => bar.Size != 0).Select(Bar)],
            [.. function.ResetMethods.Select(Name)],
            regions, interrupts, group, blocked?.Cause, blocked?.Remedy);
    }

    // What stands in the way, in the order in which it must be cleared.
    private static (string Cause, string? Remedy)? Blocked(MachineListing all, ListedDevice device, bool endpoint, ListedGroup? group)
    {
        if (!endpoint) return ("vfio-pci takes no bridge", null);
        if (group is null) return ("it is in no IOMMU group", null);
        ListedDevice[] members = [.. all.Devices.Where(other => group.Devices.Contains(other.Address))];
        ListedDevice[] blocking = [.. members.Where(Blocks)];
        bool bound = device.Driver == "vfio-pci";
        if (bound && blocking.Length == 0) return null;
        IEnumerable<ListedDevice> toBind = bound || blocking.Contains(device) ? blocking : [device, .. blocking];
        string cause = blocking.Length != 0
            ? $"group {group.Id} is not viable: {string.Join(", ", blocking.Select(member => $"{member.Address} ({member.Driver})"))} must be given up by its host driver"
            : $"it is bound to {device.Driver ?? "no driver"}, not to vfio-pci";
        return (cause, "as root: " + string.Join("; ", toBind.Select(BindCommands)));
    }

    private static bool Blocks(ListedDevice device) =>
        PciAddress.TryParse(device.Address, out PciAddress address) && new GroupMember(address, device.Driver).Blocks;

    private static string BindCommands(ListedDevice device)
    {
        string folder = $"/sys/bus/pci/devices/{device.Address}";
        string unbind = device.Driver is null ? "" : $"echo {device.Address} > {folder}/driver/unbind; ";
        return $"echo vfio-pci > {folder}/driver_override; {unbind}echo {device.Address} > /sys/bus/pci/drivers_probe";
    }

    private static ListedBar Bar(PciBar bar)
    {
        string kind = bar.IsIo ? "I/O ports" : $"memory{(bar.Is64Bit ? ", 64-bit" : "")}{(bar.IsPrefetchable && bar.Index != 6 ? ", prefetchable" : "")}";
        string what = bar.Index switch { 6 => "ROM", > 6 => $"{kind} of virtual functions (BAR {bar.Index - 7})", _ => kind };
        return new ListedBar(bar.Index, what, "0x" + bar.Start.ToString("x", CultureInfo.InvariantCulture), bar.Size);
    }

    private static string Name(PciResetMethod method) => method switch
    {
        PciResetMethod.Flr => "flr",
        PciResetMethod.AfFlr => "af_flr",
        PciResetMethod.PowerManagement => "pm",
        _ => "bus",
    };

    private static string Hex(int value, int digits) => value.ToString($"x{digits}", CultureInfo.InvariantCulture);
}
