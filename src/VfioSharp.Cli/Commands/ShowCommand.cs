// SPDX-License-Identifier: MIT
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using VfioSharp.Host;
using VfioSharp.Host.Machines;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio show</c>: devices, groups and drivers of a machine.</summary>
internal static class ShowCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> machine = MachineChoice.CreateOption();
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Command command = new("show", "List the devices of a machine, their IOMMU groups and host drivers.") { machine, json };
        command.SetAction(parsed =>
        {
            MachineDescription description = MachineChoice.Load(parsed.GetValue(machine));
            using SoftwareHost host = MachineChoice.Start(description);
            MachineListing listing = MachineListing.Read(host, description);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(listing, ListingJson.Default.MachineListing));
            else Print(listing, Terminal.Output(output));
            return ExitCodes.Success;
        });
        return command;
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
                new Text(string.Join(", ", group.Devices.Select(device => Describe(device, listing)))));
        }

        console.Write(groups);
    }

    private static string Describe(string address, MachineListing listing)
    {
        ListedDevice device = listing.Devices.First(device => device.Address == address);
        return device.Alias is null ? address : $"{device.Alias} ({address})";
    }

    private static Table NewTable(params string[] headings)
    {
        Table table = new Table().NoBorder();
        foreach (string heading in headings) table.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold))).NoWrap());
        return table;
    }
}
