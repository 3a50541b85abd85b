// SPDX-License-Identifier: MIT
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using VfioSharp.Cli.Lspci;
using VfioSharp.Cli.PciIds;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio show</c>: devices, groups and drivers of a machine, or one device.</summary>
internal static class ShowCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> machine = MachineChoice.CreateOption();
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Option<bool> config = new("--config") { Description = "Print configuration bytes as lspci -xxxx does." };
        Option<bool> windows = new("--windows") { Description = "POWER: list the endpoints' DMA windows and their tables." };
        Option<bool> eeh = new("--eeh") { Description = "POWER: list the endpoints as error handling sees them." };
        Argument<string?> device = new("DEVICE") { Description = "A device by alias or address: tell everything about it.", HelpName = "DEVICE", Arity = ArgumentArity.ZeroOrOne };
        device.CompletionSources.Add(context => DeviceNames(context.ParseResult.GetValue(machine)));
        Command command = new("show", "List the devices of a machine, their IOMMU groups and host drivers; or tell all about one device.")
        {
            device, machine, json, config, windows, eeh,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(windows) || result.GetValue(eeh)) && (result.GetValue(config) || result.GetValue(device) is not null))
                result.AddError("--windows and --eeh tell of the whole machine: no DEVICE, no --config.");
            if (result.GetValue(json) && result.GetValue(config)) result.AddError("--json and --config exclude each other.");
        });
        command.SetAction(parsed =>
        {
            MachineDescription description = MachineChoice.Load(parsed.GetValue(machine));
            using SoftwareHost host = MachineChoice.Start(description);
            TextWriter output = parsed.InvocationConfiguration.Output;
            PciFunction? function = parsed.GetValue(device) is { } name ? DeviceReader.Find(host, description, name) : null;
            if (parsed.GetValue(windows) || parsed.GetValue(eeh)) PrintPower(PowerListing.Read(host, parsed.GetValue(windows), parsed.GetValue(eeh)), parsed.GetValue(json), output);
            else if (parsed.GetValue(config)) PrintConfig(host, function, output);
            else if (function is not null) PrintDevice(DeviceReader.Read(host, description, function), parsed.GetValue(json), output);
            else PrintMachine(MachineListing.Read(host, description), parsed.GetValue(json), output);
            return ExitCodes.Success;
        });
        return command;
    }

    private static void PrintMachine(MachineListing listing, bool json, TextWriter output)
    {
        if (json) output.WriteLine(JsonSerializer.Serialize(listing, ListingJson.Default.MachineListing));
        else Print(listing, Terminal.Output(output));
    }

    private static void PrintPower(PowerListing listing, bool json, TextWriter output)
    {
        if (json) output.WriteLine(JsonSerializer.Serialize(listing, PowerJson.Default.PowerListing));
        else listing.Print(Terminal.Output(output));
    }

    private static void PrintDevice(DeviceListing listing, bool json, TextWriter output)
    {
        if (json) output.WriteLine(JsonSerializer.Serialize(listing, DeviceJson.Default.DeviceListing));
        else DevicePrinter.Print(listing, Terminal.Output(output));
    }

    private static void PrintConfig(SoftwareHost host, PciFunction? only, TextWriter output)
    {
        bool withSegment = host.Platform.Functions.Any(function => function.Address.Segment != 0);
        foreach (PciFunction function in host.Platform.Functions.OrderBy(function => function.Address))
            if (only is null || only == function)
                output.Write(LspciText.Of(function, PciNames.Installed, withSegment));
    }

    // A machine that cannot be read has no names to offer.
    private static IEnumerable<string> DeviceNames(string? machine)
    {
        try
        {
            MachineDescription description = MachineChoice.Load(machine);
            return [.. description.Aliases.Select(alias => alias.Name), .. description.Devices.Select(device => device.Address.ToString())];
        }
        catch (CommandFailure)
        {
            return [];
        }
    }

    private static void Print(MachineListing listing, IAnsiConsole console)
    {
        console.Write(new Text(string.Create(
            CultureInfo.InvariantCulture, $"machine {listing.Machine}: platform {listing.Platform}, pages of {listing.PageSize} bytes\n\n")));

        Table devices = NewTable("DEVICE", "ALIAS", "ID", "CLASS", "GROUP", "DRIVER");
        foreach (ListedDevice device in listing.Devices)
        {
            devices.AddRow(
                new Text(device.Address),
                new Text(device.Alias ?? "-"),
                new Text($"{device.Vendor}:{device.Device}"),
                new Text(device.Class),
                new Text(device.Group?.ToString(CultureInfo.InvariantCulture) ?? "-"),
                new Text(device.Driver ?? "-", device.Driver == "vfio-pci" ? new Style(Color.Green) : Style.Plain));
        }

        console.Write(devices);
        console.Write(new Text("\n"));

        Table groups = NewTable("GROUP", "NODE", "VIABLE", "DEVICES");
        foreach (ListedGroup group in listing.Groups)
        {
            groups.AddRow(
                new Text(group.Id.ToString(CultureInfo.InvariantCulture)),
                new Text(group.Node ?? "-"),
                new Text(group.Viable switch { true => "yes", false => "no", null => "-" }),
                new Text(string.Join(", ", group.Devices.Select(member => Describe(member, listing)))));
        }

        console.Write(groups);
    }

    private static string Describe(string address, MachineListing listing)
    {
        ListedDevice device = listing.Devices.First(device => device.Address == address);
        return device.Alias is null ? address : $"{device.Alias} ({address})";
    }

    /// <summary>A table as all listings have it.</summary>
    internal static Table NewTable(params string[] headings)
    {
        Table table = new Table().NoBorder();
        foreach (string heading in headings) table.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold))).NoWrap());
        return table;
    }
}
