// SPDX-License-Identifier: MIT
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VfioSharp.Host.Machines;

// The JSON of a machine file, as written. MachineFile turns it into a MachineDescription.
internal sealed record MachineDocument(
    string Format,
    string Name,
    string Platform,
    [property: JsonConverter(typeof(NumberText))] ulong PageSize,
    [property: JsonConverter(typeof(NumberText))] ulong Ram,
    IReadOnlyList<DeviceDocument> Devices,
    [property: JsonConverter(typeof(NumberText))] ulong? HugePages = null,
    [property: JsonConverter(typeof(NumberText))] ulong? DmaEntryLimit = null,
    IommuDocument? Iommu = null,
    IReadOnlyList<HostBridgeDocument>? HostBridges = null,
    [property: JsonConverter(typeof(NumberText))] ulong? FirmwarePageSizes = null,
    string? Eeh = null,
    int? VirtualFunctionWindows = null,
    string? DefaultWindowInfo = null,
    string? HotplugWindows = null,
    string? TableLevels = null,
    bool? TceReadBack = null,
    OrderedDictionary<string, string>? Aliases = null,
    string? MsixTableMapping = null);

internal sealed record HostBridgeDocument(int Segment, string Node, Dictionary<string, string> Properties);

internal sealed record IommuDocument(
    [property: JsonConverter(typeof(NumberText))] ulong PageSizes,
    int ApertureBits,
    IReadOnlyList<ReservedDocument> Reserved);

internal sealed record ReservedDocument(
    [property: JsonConverter(typeof(NumberText))] ulong Start,
    [property: JsonConverter(typeof(NumberText))] ulong Last,
    string Kind);

internal sealed record DeviceDocument(
    string Address,
    string Model,
    string Config,
    int ConfigSize,
    string? Driver = null,
    string? Emulation = null,
    IReadOnlyList<BarDocument>? Bars = null,
    IReadOnlyList<string>? ResetMethods = null,
    IReadOnlyList<int>? MemoryBars = null,
    IReadOnlyList<RegisterDocument>? Registers = null,
    string? Vpd = null,
    VirtualFunctionDocument? VirtualFunction = null);

internal sealed record VirtualFunctionDocument(
    string Model,
    string Config,
    int ConfigSize,
    string? Emulation = null,
    IReadOnlyList<string>? ResetMethods = null,
    IReadOnlyList<int>? MemoryBars = null,
    IReadOnlyList<RegisterDocument>? Registers = null);

internal sealed record BarDocument(
    int Index,
    [property: JsonConverter(typeof(NumberText))] ulong Start,
    [property: JsonConverter(typeof(NumberText))] ulong Size,
    [property: JsonConverter(typeof(NumberText))] ulong Flags);

internal sealed record RegisterDocument(
    int Bar,
    [property: JsonConverter(typeof(NumberText))] ulong Offset,
    string Data,
    bool Writable = false);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(MachineDocument))]
internal sealed partial class MachineJson : JsonSerializerContext;

// A number, or text with 0x and hexadecimal digits: addresses are unreadable in decimal.
internal sealed class NumberText : JsonConverter<ulong>
{
    public override ulong Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetUInt64(out ulong number)
                ? number
                : throw new JsonException("a number from 0 to 2^64-1\n" + System.Text.Encoding.UTF8.GetString(reader.ValueSpan));
        }

        if (reader.TokenType != JsonTokenType.String) throw new JsonException("a number, or a string like \"0x1000\"\n" + reader.TokenType);
        string text = reader.GetString()!;
        return text.StartsWith("0x", StringComparison.Ordinal) &&
            ulong.TryParse(text.AsSpan(2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out ulong value)
            ? value
            : throw new JsonException($"a number, or a string like \"0x1000\"\n\"{text}\"");
    }

    public override void Write(Utf8JsonWriter writer, ulong value, JsonSerializerOptions options) =>
        writer.WriteStringValue("0x" + value.ToString("x", System.Globalization.CultureInfo.InvariantCulture));
}
