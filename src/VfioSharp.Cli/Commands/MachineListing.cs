// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Commands;

/// <summary>What <c>vfio show</c> lists: the machine as a program finds it, by sysfs and the group nodes.</summary>
/// <param name="Machine">Its name.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="PageSize">Page size in bytes.</param>
/// <param name="Devices">Its PCI functions.</param>
/// <param name="Groups">Its IOMMU groups.</param>
internal sealed record MachineListing(
    string Machine, string Platform, int PageSize, IReadOnlyList<ListedDevice> Devices, IReadOnlyList<ListedGroup> Groups)
{
    /// <summary>Reads the state of a host.</summary>
    public static MachineListing Read(SoftwareHost host, MachineDescription machine)
    {
        Dictionary<string, string> aliases = [];
        foreach (MachineAlias alias in machine.Aliases) aliases.TryAdd(alias.Address.ToString(), alias.Name);
        using SoftwareProcess process = host.CreateProcess("vfio show");
        return new MachineListing(
            machine.Name,
            machine.Platform.ToString().ToLowerInvariant(),
            machine.PageSize,
            [.. host.Platform.Functions.OrderBy(function => function.Address).Select(function => Device(host, function, aliases))],
            [.. host.Platform.Groups.OrderBy(group => group.Id).Select(group => Group(process, group))]);
    }

    private static ListedDevice Device(SoftwareHost host, PciFunction function, Dictionary<string, string> aliases)
    {
        string address = function.Address.ToString();
        string? group = LinkName(host, address, "iommu_group");
        return new ListedDevice(
            address,
            aliases.GetValueOrDefault(address),
            Hex(function.ReadConfig(0, 2)),
            Hex(function.ReadConfig(2, 2)),
            (function.ReadConfig(8, 4) >> 8).ToString("x6", CultureInfo.InvariantCulture),
            group is null ? null : int.Parse(group, CultureInfo.InvariantCulture),
            LinkName(host, address, "driver"));
    }

    private static ListedGroup Group(SoftwareProcess process, PlatformGroup group)
    {
        string node = $"/dev/vfio/{group.Id.ToString(CultureInfo.InvariantCulture)}";
        KernelResult opened = process.Open(node, OpenMode.ReadWrite);
        bool? viable = opened.IsSuccess ? IsViable(process, (int)opened.Value) : null;
        return new ListedGroup(
            group.Id, opened.IsSuccess ? node : null, viable, [.. group.Functions.Select(function => function.Address.ToString())]);
    }

    private static bool IsViable(SoftwareProcess process, int descriptor)
    {
        VfioGroupStatus status = new() { Argsz = (uint)Unsafe.SizeOf<VfioGroupStatus>() };
        ulong address = (ulong)process.MapAnonymous(
            (ulong)process.PageSize, (ulong)process.PageSize, MemoryProtection.ReadWrite, MemoryKind.Private).Value;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<VfioGroupStatus>(ref status));
        bool answered = process.Memory.TryWrite(address, bytes) &&
            process.Ioctl(descriptor, VfioIoctl.GroupGetStatus, address).IsSuccess &&
            process.Memory.TryRead(address, bytes);
        process.Unmap(address, (ulong)process.PageSize);
        process.Close(descriptor);
        return answered && (status.Flags & VfioGroupFlags.Viable) != 0;
    }

    private static string? LinkName(SoftwareHost host, string address, string link) =>
        host.Sysfs.ReadLink($"/sys/bus/pci/devices/{address}/{link}", out string? target).IsSuccess && target is not null
            ? target[(target.LastIndexOf('/') + 1)..]
            : null;

    private static string Hex(uint id) => id.ToString("x4", CultureInfo.InvariantCulture);
}

/// <summary>A PCI function.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Alias">Its name in scripts, or null.</param>
/// <param name="Vendor">Vendor id, hexadecimal.</param>
/// <param name="Device">Device id, hexadecimal.</param>
/// <param name="Class">Class code, hexadecimal.</param>
/// <param name="Group">Its IOMMU group, or null.</param>
/// <param name="Driver">Its host driver, or null.</param>
internal sealed record ListedDevice(
    string Address, string? Alias, string Vendor, string Device, string Class, int? Group, string? Driver);

/// <summary>An IOMMU group.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Node">Its node below /dev/vfio, when a VFIO driver holds a member.</param>
/// <param name="Viable">Whether it can be used, as GROUP_GET_STATUS says; null when there is no node.</param>
/// <param name="Devices">The addresses of its members.</param>
internal sealed record ListedGroup(int Id, string? Node, bool? Viable, IReadOnlyList<string> Devices);

/// <summary>The listing as JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MachineListing))]
internal sealed partial class ListingJson : JsonSerializerContext;
