// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Cli.Scripts;

/// <summary>
/// What a script prints: <c>LINE op: RESULT k=v ...</c>. Keeps the fields of the line for <c>save</c>.
/// </summary>
internal sealed class ScriptOutput(TextWriter writer)
{
    private const int FieldLimit = 64;

    private readonly List<KeyValuePair<string, ulong>> _fields = [];

    /// <summary>The line that is being run.</summary>
    public int LineNumber { get; set; }

    /// <summary>The operation that is being run.</summary>
    public string Operation { get; set; } = "";

    /// <summary>The fields printed since the last result, for <c>save</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, ulong>> Fields => _fields;

    /// <summary>The same writer with no fields, for a forked process.</summary>
    public ScriptOutput Clone() => new(writer) { LineNumber = LineNumber };

    /// <summary>Begins the line with a call's result: 0, 0xN or -ERRNAME.</summary>
    public void Result(KernelResult result)
    {
        // libc returns an int from most calls, a long from pread: both print alike as the values stay small.
        Text(result.IsError ? "-" + Name(result.Errno) : result.Value == 0 ? "0" : "0x" + Hex((ulong)result.Value));
    }

    /// <summary>Begins the line of a call that opens something: the word <c>fd</c>, never the number.</summary>
    public void Descriptor(KernelResult result)
    {
        if (result.IsError) Result(result);
        else Text("fd");
    }

    /// <summary>Begins the line with a word.</summary>
    public void Text(string text)
    {
        Begin(Operation, text);
        _fields.Clear();
    }

    /// <summary>Begins a line and keeps the fields of the line before.</summary>
    public void Begin(string operation, string text) =>
        writer.Write(string.Create(CultureInfo.InvariantCulture, $"{LineNumber} {operation}: {text}"));

    /// <summary>Prints a field.</summary>
    public void Field(string key, ulong value)
    {
        writer.Write($" {key}=0x{Hex(value)}");
        if (_fields.Count < FieldLimit) _fields.Add(new(key, value));
    }

    /// <summary>Prints an output field: always on success, on failure only when the kernel changed it.</summary>
    public void Changed(KernelResult result, string key, ulong before, ulong after)
    {
        if (result.IsSuccess || before != after) Field(key, after);
    }

    /// <summary>Makes a value available to <c>save</c> without printing it.</summary>
    public void Remember(string key, ulong value)
    {
        _fields.Clear();
        _fields.Add(new(key, value));
    }

    /// <summary>Prints bytes in memory order.</summary>
    public void Bytes(string key, ReadOnlySpan<byte> bytes)
    {
        writer.Write($" {key}=");
        writer.Write(Convert.ToHexStringLower(bytes));
    }

    /// <summary>Prints text as it is, within the line.</summary>
    public void Append(string text) => writer.Write(text);

    /// <summary>Ends the line.</summary>
    public void EndLine() => writer.Write('\n');

    /// <summary>A number as %llx prints it.</summary>
    public static string Hex(ulong value) => value.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>An error as strerrorname_np names it; a number that has no name prints as E and the number.</summary>
    public static string Name(Errno errno) =>
        Enum.IsDefined(errno) ? errno.ToString() : string.Create(CultureInfo.InvariantCulture, $"E{(int)errno}");
}
