// SPDX-License-Identifier: MIT
using System.Text;
using System.Text.Json.Nodes;
using VfioSharp.Devices;
using VfioSharp.Host.Machines;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>The recorded POWER machines, and the same with something about them changed.</summary>
internal static class PowerMachine
{
    public const string PowerNv = "powernv9-64k";
    public const string PowerNvSmallPages = "powernv9-4k";
    public const string Pseries = "pseries-64k";
    public const string PseriesSmallPages = "pseries-4k";

    /// <summary>All of them.</summary>
    public static TheoryData<string> All => [PowerNv, PowerNvSmallPages, Pseries, PseriesSmallPages];

    /// <summary>One of each platform.</summary>
    public static TheoryData<string> Platforms => [PowerNv, Pseries];

    public static MachineDescription Load(string machine, Action<JsonNode>? change = null)
    {
        JsonNode document = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, machine + ".json")))!;
        change?.Invoke(document);
        return MachineFile.Parse(Encoding.UTF8.GetBytes(document.ToJsonString()), machine, DeviceCatalog.Default);
    }

    /// <summary>The device at an address, to be changed.</summary>
    public static JsonNode Device(JsonNode machine, string address) =>
        machine["devices"]!.AsArray().First(device => (string?)device!["address"] == address)!;

    /// <summary>The properties of a segment's host bridge, to be changed.</summary>
    public static JsonObject Bridge(JsonNode machine, int segment) =>
        machine["hostBridges"]!.AsArray().First(bridge => (int)bridge!["segment"]! == segment)!["properties"]!.AsObject();
}
