// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text.Json.Serialization;
using Spectre.Console;
using VfioSharp.Host;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Iommu.Spapr;

namespace VfioSharp.Cli.Commands;

/// <summary>What <c>vfio show --windows</c> and <c>--eeh</c> list of a POWER machine.</summary>
/// <param name="Machine">Its name.</param>
/// <param name="Windows">Its endpoints with their DMA windows; null: not asked for.</param>
/// <param name="Endpoints">Its endpoints as error handling sees them; null: not asked for.</param>
internal sealed record PowerListing(string Machine, IReadOnlyList<EndpointWindows>? Windows, IReadOnlyList<ListedEndpoint>? Endpoints)
{
    /// <summary>Reads the state of a host.</summary>
    public static PowerListing Read(SoftwareHost host, bool windows, bool eeh)
    {
        if (host.ListWindows() is not { Count: > 0 } found)
        {
            throw CommandFailure.Usage(
                $"machine {host.Platform.Name} has no DMA windows and no partitionable endpoints: those are POWER's",
                "choose a POWER machine: --machine pseries, or powernv");
        }

        return new PowerListing(
            host.Platform.Name,
            windows ? found : null,
            eeh ? [.. host.PartitionableEndpoints().Select(ListedEndpoint.Of)] : null);
    }

    /// <summary>Prints it.</summary>
    public void Print(IAnsiConsole console)
    {
        if (Windows is not null) PrintWindows(console, Windows);
        if (Windows is not null && Endpoints is not null) console.Write(new Text("\n"));
        if (Endpoints is not null) PrintEndpoints(console, Endpoints);
    }

    private static void PrintWindows(IAnsiConsole console, IReadOnlyList<EndpointWindows> endpoints)
    {
        Table table = ShowCommand.NewTable("GROUP", "ENDPOINT", "OWNER", "WINDOW", "SIZE", "PAGES", "LEVELS", "ENTRIES", "TABLE");
        foreach (EndpointWindows endpoint in endpoints)
        {
            string group = endpoint.Group.ToString(CultureInfo.InvariantCulture);
            if (endpoint.Windows.Count == 0) table.AddRow(group, endpoint.Name, endpoint.Owner, endpoint.Bypass ? "bypass" : "none", "-", "-", "-", "-", "-");
            foreach (WindowUse window in endpoint.Windows)
            {
                table.AddRow(
                    group,
                    endpoint.Name,
                    endpoint.Owner,
                    $"0x{window.Start:x}",
                    ByteCount.Text(window.Size),
                    ByteCount.Text(window.PageSize),
                    window.Levels.ToString(CultureInfo.InvariantCulture),
                    string.Create(CultureInfo.InvariantCulture, $"{window.Entries} of {window.Size / window.PageSize}"),
                    ByteCount.Text((ulong)window.TableBytes));
            }
        }

        console.Write(table);
    }

    private static void PrintEndpoints(IAnsiConsole console, IReadOnlyList<ListedEndpoint> endpoints)
    {
        Table table = ShowCommand.NewTable("SEGMENT", "PE", "ABOVE", "STOPPED", "KERNEL", "OPEN", "RECOVERIES", "DEVICES");
        foreach (ListedEndpoint endpoint in endpoints)
        {
            table.AddRow(
                endpoint.Segment,
                $"0x{endpoint.Number:x}",
                endpoint.Parent is { } parent ? $"0x{parent:x}" : "-",
                endpoint.Stopped,
                endpoint.State,
                endpoint.Open.ToString(CultureInfo.InvariantCulture),
                endpoint.Recoveries.ToString(CultureInfo.InvariantCulture),
                endpoint.Devices.Count == 0 ? "-" : string.Join(", ", endpoint.Devices));
        }

        console.Write(table);
    }
}

/// <summary>An endpoint as error handling sees it.</summary>
/// <param name="Segment">Its PCI domain, hexadecimal.</param>
/// <param name="Number">Its number there.</param>
/// <param name="Parent">The endpoint above it, or null.</param>
/// <param name="Devices">Its functions.</param>
/// <param name="Stopped">What the hardware has stopped: nothing, Mmio, Dma, both.</param>
/// <param name="State">What the kernel makes of it.</param>
/// <param name="Open">How many of its functions are open in VFIO.</param>
/// <param name="Recoveries">How often the host recovered it.</param>
internal sealed record ListedEndpoint(
    string Segment, int Number, int? Parent, IReadOnlyList<string> Devices, string Stopped, string State, int Open, int Recoveries)
{
    /// <summary>An endpoint as it is.</summary>
    public static ListedEndpoint Of(PartitionableEndpoint endpoint) => new(
        endpoint.Segment.ToString("x4", CultureInfo.InvariantCulture),
        endpoint.Number,
        endpoint.Parent,
        [.. endpoint.Functions.Select(function => function.ToString())],
        endpoint.Frozen == 0 ? "nothing" : endpoint.Frozen.ToString(),
        endpoint.IsRecovering ? "recovering" : endpoint.IsIsolated ? "isolated" : "normal",
        endpoint.PassedThrough,
        endpoint.Recoveries);
}

/// <summary>The listing as JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PowerListing))]
internal sealed partial class PowerJson : JsonSerializerContext;
