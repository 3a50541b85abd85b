// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Runtime.InteropServices;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts;

/// <summary>What an operation works on: the process, the script's names, the arguments of the line, the output.</summary>
internal sealed class ScriptContext
{
    // pread and pwrite address a region by index << 40, as VFIO_PCI_INDEX_TO_OFFSET does.
    private const int RegionShift = 40;

    /// <summary>A script at its start.</summary>
    public ScriptContext(SoftwareProcess process, ScriptMachine machine, ScriptOutput output)
        : this(process, machine, output, new ScriptSymbols(), ScratchMemory.In(process))
    {
    }

    private ScriptContext(
        SoftwareProcess process, ScriptMachine machine, ScriptOutput output, ScriptSymbols symbols, ScratchMemory scratch)
    {
        Process = process;
        Machine = machine;
        Output = output;
        Symbols = symbols;
        Scratch = scratch;
        HostSide = new HostSide(process, machine);
    }

    /// <summary>The process that runs the script.</summary>
    public SoftwareProcess Process { get; }

    /// <summary>The device aliases.</summary>
    public ScriptMachine Machine { get; }

    /// <summary>What the script prints.</summary>
    public ScriptOutput Output { get; }

    /// <summary>The script's names.</summary>
    public ScriptSymbols Symbols { get; }

    /// <summary>The runner's memory in the process.</summary>
    public ScratchMemory Scratch { get; }

    /// <summary>Drivers and attributes.</summary>
    public HostSide HostSide { get; }

    /// <summary>The line that is being run.</summary>
    public ScriptLine Line { get; set; } = new(0, [""], [], []);

    /// <summary>The context of a forked process: another memory, the same descriptors, names of its own.</summary>
    public ScriptContext Fork(SoftwareProcess forked) =>
        new(forked, Machine, Output.Clone(), Symbols.Clone(), Scratch.For(forked));

    /// <summary>A positional argument, or null.</summary>
    public string? Text(int index) => index < Line.Positional.Count ? Line.Positional[index] : null;

    /// <summary>A positional argument as an expression; 0 when missing.</summary>
    public ulong Number(int index) => Evaluate(Text(index));

    /// <summary>An option, or null.</summary>
    public string? Option(string key) => Line.Option(key);

    /// <summary>An option as an expression, or a default.</summary>
    public ulong Option(string key, ulong otherwise) => Option(key) is { } text ? Evaluate(text) : otherwise;

    /// <summary>An option as a 32-bit field.</summary>
    public uint Option32(string key, uint otherwise) => (uint)Option(key, otherwise);

    /// <summary>An expression's value.</summary>
    public ulong Evaluate(string? text) => ScriptExpression.Evaluate(text, Symbols, Process.PageSize);

    /// <summary>A descriptor argument: an open file's name, or a number; -1 for anything else.</summary>
    public int Descriptor(string? text)
    {
        if (text is null) return -1;
        if (Symbols.TryGetDescriptor(text, out int descriptor)) return descriptor;
        return text.Length > 0 && (char.IsAsciiDigit(text[0]) || text[0] == '-') ? (int)Evaluate(text) : -1;
    }

    /// <summary>The descriptor of a positional argument.</summary>
    public int Descriptor(int index) => Descriptor(Text(index));

    /// <summary>Flags by name, joined by | or comma; an unknown word is an expression.</summary>
    public uint Flags(string? text, IReadOnlyDictionary<string, uint> names)
    {
        uint flags = 0;
        if (text is null) return 0;
        foreach (string word in text.Split('|', ','))
            flags |= names.TryGetValue(word, out uint flag) ? flag : (uint)Evaluate(word);
        return flags;
    }

    /// <summary>Names a descriptor that a call gave, or -1 when it failed.</summary>
    public void NameDescriptor(string? name, KernelResult opened)
    {
        if (name is not null) Symbols.SetDescriptor(name, (int)opened.Value);
    }

    /// <summary>The file offset of a device region's byte.</summary>
    public static ulong RegionOffset(ulong region, ulong offset) => (region << RegionShift) + offset;

    /// <summary>Where bytes are: (buffer, offset) or (expression, offset) from a positional argument on.</summary>
    public ulong Location(int index)
    {
        ulong offset = Number(index + 1);
        return Text(index) is { } name && Symbols.TryGetMemory(name, out ScriptMemory memory)
            ? memory.Address + offset
            : Number(index) + offset;
    }

    /// <summary>An ioctl on the descriptor of the first positional argument.</summary>
    public KernelResult Ioctl(uint request, ulong argument = 0) => Process.Ioctl(Descriptor(0), request, argument);

    /// <summary>An ioctl with a structure on the descriptor of the first positional argument.</summary>
    public KernelResult Ioctl<T>(uint request, ref T argument) where T : unmanaged =>
        Scratch.Ioctl(Descriptor(0), request, ref argument);

    /// <summary>
    /// An ioctl whose structure stands at the start of the zeroed buffer, with room behind it for what the host
    /// appends (capability chains, lists).
    /// </summary>
    public KernelResult IoctlWithRoom<T>(uint request, ref T argument, int room) where T : unmanaged
    {
        Scratch.ClearBuffer(room);
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref argument));
        Scratch.Write(Scratch.Buffer, bytes);
        KernelResult result = Process.Ioctl(Descriptor(0), request, Scratch.Buffer);
        Scratch.Read(Scratch.Buffer, bytes.Length).CopyTo(bytes);
        return result;
    }

    /// <summary>Runs a call and prints its result and nothing else.</summary>
    public void Report(KernelResult result) => Output.Result(result);

    /// <summary>Milliseconds as an int, for waits.</summary>
    public int Milliseconds(int index) => (int)Number(index);

    /// <summary>A number in the text of a path or message.</summary>
    public static string Decimal(long value) => value.ToString(CultureInfo.InvariantCulture);
}
