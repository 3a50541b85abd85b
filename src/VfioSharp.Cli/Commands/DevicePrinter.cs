// SPDX-License-Identifier: MIT
using System.Globalization;
using Spectre.Console;
using VfioSharp.Cli.Capabilities;

namespace VfioSharp.Cli.Commands;

/// <summary>Prints a device for people.</summary>
internal static class DevicePrinter
{
    /// <summary>Prints it.</summary>
    public static void Print(DeviceListing device, IAnsiConsole console)
    {
        Line(console, $"{device.Address}{(device.Alias is null ? "" : $" ({device.Alias})")}: {device.Name}", bold: true);
        Line(console, $"  id         {device.Vendor}:{device.Device}, revision {device.Revision}");
        if (device.Subsystem is not null) Line(console, $"  subsystem  {device.Subsystem}{(device.SubsystemName is null ? "" : $" {device.SubsystemName}")}");
        Line(console, $"  class      {device.Class} {device.ClassName}");
        Line(console, $"  driver     {device.Driver ?? "-"}");
        Line(console, $"  resets     {(device.ResetMethods.Count == 0 ? "-" : string.Join(", ", device.ResetMethods))}");
        if (device.Group is { } group) Line(console, $"  group      {group.Id}: {string.Join(", ", group.Devices)}");
        if (device.Blocked is not null) Line(console, $"  blocked    {device.Blocked}");
        if (device.Remedy is not null) Line(console, $"  remedy     {device.Remedy}");
        Section(console, "Capabilities", device.Capabilities.Select(Text));
        Section(console, "BARs", device.Bars.Select(bar => $"{bar.Index,2}  {bar.Start}  {Size(bar.Size)}  {bar.Kind}"));
        Section(console, "VFIO regions", device.Regions.Select(region =>
            $"{region.Index}  {region.Name,-6}  {Size(region.Size),8}  {string.Join(", ", region.Flags.Concat(region.Capabilities))}"));
        Section(console, "Interrupts", device.Interrupts.Select(interrupt =>
            $"{interrupt.Index}  {interrupt.Name,-5}  {interrupt.Count,4}  {string.Join(", ", interrupt.Flags)}"));
    }

    private static string Text(ListedCapability capability)
    {
        string fields = string.Join("; ", capability.Fields.Select(field => $"{field.Name} {field.Value}"));
        string hidden = capability.Hidden ? " (hidden by vfio-pci)" : "";
        string place = capability.Offset.ToString(capability.Extended ? "x3" : "x2", CultureInfo.InvariantCulture);
        return $"[{place}] {capability.Name}{hidden}{(fields.Length == 0 ? "" : ": " + fields)}";
    }

    private static string Size(ulong bytes) => bytes switch
    {
        >= 1UL << 30 when bytes % (1UL << 30) == 0 => $"{bytes >> 30} GiB",
        >= 1UL << 20 when bytes % (1UL << 20) == 0 => $"{bytes >> 20} MiB",
        >= 1UL << 10 when bytes % (1UL << 10) == 0 => $"{bytes >> 10} KiB",
        _ => $"{bytes} B",
    };

    private static void Section(IAnsiConsole console, string heading, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        if (all.Length == 0) return;
        Line(console, "");
        Line(console, heading, bold: true);
        foreach (string line in all) Line(console, "  " + line);
    }

    private static void Line(IAnsiConsole console, string text, bool bold = false) =>
        console.Write(new Text(text + "\n", bold ? new Style(decoration: Decoration.Bold) : Style.Plain));
}
