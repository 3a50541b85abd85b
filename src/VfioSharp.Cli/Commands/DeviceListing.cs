// SPDX-License-Identifier: MIT
using System.Text.Json.Serialization;
using VfioSharp.Cli.Capabilities;

namespace VfioSharp.Cli.Commands;

/// <summary>What <c>vfio show DEVICE</c> tells of a device.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Alias">Its name in scripts, or null.</param>
/// <param name="Machine">The machine it is in.</param>
/// <param name="Vendor">Vendor id, hexadecimal.</param>
/// <param name="Device">Device id, hexadecimal.</param>
/// <param name="Name">Vendor and device by name.</param>
/// <param name="Class">Class code, hexadecimal.</param>
/// <param name="ClassName">The class by name.</param>
/// <param name="Revision">Revision, hexadecimal.</param>
/// <param name="Subsystem">Ids of the card, or null.</param>
/// <param name="SubsystemName">The card by name, or null.</param>
/// <param name="Driver">Its host driver, or null.</param>
/// <param name="Capabilities">Its capabilities.</param>
/// <param name="Bars">Its BARs and ROM.</param>
/// <param name="ResetMethods">The ways it can be reset, in the kernel's order.</param>
/// <param name="Regions">What VFIO shows of it; empty when it cannot be opened.</param>
/// <param name="Interrupts">Likewise its interrupts.</param>
/// <param name="Group">Its IOMMU group, or null.</param>
/// <param name="Blocked">Why it cannot be opened now, or null.</param>
/// <param name="Remedy">What to do about that, or null.</param>
internal sealed record DeviceListing(
    string Address,
    string? Alias,
    string Machine,
    string Vendor,
    string Device,
    string Name,
    string Class,
    string ClassName,
    string Revision,
    string? Subsystem,
    string? SubsystemName,
    string? Driver,
    IReadOnlyList<ListedCapability> Capabilities,
    IReadOnlyList<ListedBar> Bars,
    IReadOnlyList<string> ResetMethods,
    IReadOnlyList<ListedRegion> Regions,
    IReadOnlyList<ListedInterrupt> Interrupts,
    ListedGroup? Group,
    string? Blocked,
    string? Remedy);

/// <summary>A BAR.</summary>
/// <param name="Index">0–5, 6 the ROM, 7–12 those of virtual functions.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Bus address, hexadecimal.</param>
/// <param name="Size">Size in bytes.</param>
internal sealed record ListedBar(int Index, string Kind, string Start, ulong Size);

/// <summary>A region as DEVICE_GET_REGION_INFO tells it.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Name">What the index stands for.</param>
/// <param name="Size">Size in bytes.</param>
/// <param name="Flags">What can be done with it.</param>
/// <param name="Capabilities">Capabilities of the answer.</param>
internal sealed record ListedRegion(uint Index, string Name, ulong Size, IReadOnlyList<string> Flags, IReadOnlyList<string> Capabilities);

/// <summary>An interrupt index as DEVICE_GET_IRQ_INFO tells it.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Name">What the index stands for.</param>
/// <param name="Count">How many interrupts it has.</param>
/// <param name="Flags">What can be done with them.</param>
internal sealed record ListedInterrupt(uint Index, string Name, uint Count, IReadOnlyList<string> Flags);

/// <summary>The listing as JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DeviceListing))]
internal sealed partial class DeviceJson : JsonSerializerContext;
