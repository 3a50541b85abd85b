// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Globalization;
using System.Linq;
using VfioSharp.Kernel.Requests;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Cli.Tracing;

/// <summary>A value of a decoded call: its name, and its text.</summary>
/// <param name="Name">The field's name in C, or what else it is.</param>
/// <param name="Text">The value for a person.</param>
/// <param name="IsNumber">Whether the text is a decimal number.</param>
internal readonly record struct DecodedValue(string Name, string Text, bool IsNumber = false);

/// <summary>A traced call by its names: what every way of writing it down begins with.</summary>
internal sealed class DecodedCall
{
    // Registers are at most this long; longer transfers are given by their length.
    private const int RegisterBytes = 8;

    // The most that is shown of what follows a structure.
    private const int MostFollowing = 32;

    private readonly List<DecodedValue> _before = [];
    private readonly List<DecodedValue> _after = [];

    private DecodedCall(string call, string on, string name)
    {
        Call = call;
        On = on;
        Name = name;
    }

    /// <summary>The system call.</summary>
    public string Call { get; }

    /// <summary>What it was made on: a file of the host, or the path of an open.</summary>
    public string On { get; }

    /// <summary>The request, or where in the file.</summary>
    public string Name { get; }

    /// <summary>The arguments.</summary>
    public IReadOnlyList<DecodedValue> Before => _before;

    /// <summary>What the call changed of them, or gave.</summary>
    public IReadOnlyList<DecodedValue> After => _after;

    /// <summary>Decodes a call.</summary>
    public static DecodedCall Of(in TracedCall call)
    {
        switch (call.Kind)
        {
            case TracedCallKind.Open:
                return new DecodedCall("open", SafeText.Escape(call.Path ?? ""), "");
            case TracedCallKind.Ioctl:
                return OfIoctl(in call);
            default:
                bool isMap = call.Kind == TracedCallKind.Map;
                string where = call.File!.Kind == VfioFileKind.Device ? RegionOffset.Format(call.Offset) : $"0x{call.Offset:x}";
                var decoded = new DecodedCall(isMap ? "mmap" : call.Kind == TracedCallKind.Read ? "pread" : "pwrite", call.File.Description, where);
                decoded._before.Add(new DecodedValue("length", call.Length.ToString(CultureInfo.InvariantCulture), IsNumber: true));
                AddRegister(decoded._before, call.Before);
                AddRegister(decoded._after, call.After);
                return decoded;
        }
    }

    private static DecodedCall OfIoctl(in TracedCall call)
    {
        VfioRequest? request = VfioRequest.Find(call.File!.Kind, call.Request);
        var decoded = new DecodedCall("ioctl", call.File.Description, VfioRequest.NameOf(call.File.Kind, call.Request));
        if (request is null)
        {
            decoded._before.Add(new DecodedValue("argument", $"0x{call.Argument:x}"));
            return decoded;
        }

        switch (request.Argument)
        {
            case VfioArgument.Extension:
                decoded._before.Add(new DecodedValue("extension", VfioRequest.NameOfExtension(call.Argument)));
                break;
            case VfioArgument.Descriptor when call.Before.Length == sizeof(int):
                decoded._before.Add(new DecodedValue("fd", BinaryPrimitives.ReadInt32LittleEndian(call.Before).ToString(CultureInfo.InvariantCulture), IsNumber: true));
                break;
            case VfioArgument.Text when !call.Before.IsEmpty:
                decoded._before.Add(new DecodedValue("name", SafeText.Quote(call.Before)));
                break;
            case VfioArgument.Structure when !call.Before.IsEmpty:
                AddStructure(decoded, request, call.Before, call.After);
                break;
            case VfioArgument.None:
                break;
            default:
                decoded._before.Add(new DecodedValue("unreadable", $"0x{call.Argument:x}"));
                break;
        }

        return decoded;
    }

    private static void AddStructure(DecodedCall decoded, VfioRequest request, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        StructureShape shape = request.Structure!;
        foreach (StructureField field in shape.Fields)
        {
            if (!field.IsIn(before)) continue;
            decoded._before.Add(new DecodedValue(field.Name, field.Format(before), field.IsDecimal));
            if (field.IsIn(after) && field.Read(after) != field.Read(before))
                decoded._after.Add(new DecodedValue(field.Name, field.Format(after), field.IsDecimal));
        }

        AddFollowing(decoded._before, request, shape.Size, before);
        if (after.Length > shape.Size && !after[shape.Size..].SequenceEqual(before[shape.Size..])) AddFollowing(decoded._after, request, shape.Size, after);
    }

    private static void AddFollowing(List<DecodedValue> values, VfioRequest request, int size, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= size) return;
        ReadOnlySpan<byte> following = bytes[size..];
        ReadOnlySpan<byte> shown = following[..Math.Min(following.Length, MostFollowing)];
        string more = shown.Length < following.Length ? "…" : "";
        if (request.DescriptorsFollow && following.Length % sizeof(int) == 0)
        {
            var numbers = new List<int>();
            for (int at = 0; at + sizeof(int) <= shown.Length; at += sizeof(int)) numbers.Add(BinaryPrimitives.ReadInt32LittleEndian(shown[at..]));
            values.Add(new DecodedValue("data", $"[{string.Join(' ', numbers)}{more}]"));
        }
        else
        {
            values.Add(new DecodedValue("data", Convert.ToHexStringLower(shown) + more));
        }
    }

    private static void AddRegister(List<DecodedValue> values, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > RegisterBytes) return;
        ulong value = 0;
        for (int at = bytes.Length - 1; at >= 0; at--) value = (value << 8) | bytes[at];
        values.Add(new DecodedValue("value", $"0x{value:x}"));
    }
}
