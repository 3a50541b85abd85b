// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>pread and pwrite on device descriptors.</summary>
internal static class RegionOperations
{
    private const ulong ConfigRegion = 7;
    private const ulong ConfigDefaultLength = 256;

    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("rd", context => Read(context, ScriptContext.RegionOffset(context.Number(1), context.Number(2)), context.Number(3)));
        operations.Add("rdat", context => Read(context, context.Number(1), context.Number(2)));
        operations.Add("wr", context => Write(
            context, ScriptContext.RegionOffset(context.Number(1), context.Number(2)), context.Number(3), context.Number(4)));
        operations.Add("wrat", context => Write(context, context.Number(1), context.Number(2), context.Number(3)));
        operations.Add("rdmem", context => context.Report(context.Process.Read(
            context.Descriptor(0), context.Number(4), context.Number(3), ScriptContext.RegionOffset(context.Number(1), context.Number(2)))));
        operations.Add("wrmem", context => context.Report(context.Process.Write(
            context.Descriptor(0), context.Number(4), context.Number(3), ScriptContext.RegionOffset(context.Number(1), context.Number(2)))));
        operations.Add("cfg", ShowConfig);
        operations.Add("pollrd", Poll);
    }

    private static void Read(ScriptContext context, ulong offset, ulong count)
    {
        count = Math.Min(count, ScratchMemory.BufferLength);
        context.Scratch.ClearBuffer((int)count);
        KernelResult result = context.Process.Read(context.Descriptor(0), context.Scratch.Buffer, count, offset);
        context.Report(result);
        if (result.Value <= 0) return;

        byte[] bytes = context.Scratch.ReadBuffer((int)result.Value);
        context.Output.Bytes("data", bytes);
        if (bytes.Length <= sizeof(ulong)) context.Output.Remember("val", LittleEndian(bytes));
    }

    private static void Write(ScriptContext context, ulong offset, ulong count, ulong value)
    {
        count = Math.Min(count, ScratchMemory.BufferLength);
        byte[] bytes = new byte[Math.Max(count, sizeof(ulong))];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Array.Resize(ref bytes, (int)count);
        if (context.Option("hex") is { } hex) Hexadecimal.Read(hex, bytes);
        context.Scratch.Write(context.Scratch.Buffer, bytes);
        context.Report(context.Process.Write(context.Descriptor(0), context.Scratch.Buffer, count, offset));
    }

    private static void ShowConfig(ScriptContext context)
    {
        ulong from = context.Number(1);
        ulong length = context.Line.Positional.Count > 2 ? context.Number(2) : ConfigDefaultLength;
        context.Output.Text("");
        for (ulong offset = from; offset < from + length; offset += sizeof(uint))
        {
            if ((offset - from) % 16 == 0)
                context.Output.Append(string.Create(CultureInfo.InvariantCulture, $"\n  {offset:x3}:"));
            context.Scratch.ClearBuffer(sizeof(uint));
            KernelResult result = context.Process.Read(
                context.Descriptor(0), context.Scratch.Buffer, sizeof(uint), ScriptContext.RegionOffset(ConfigRegion, offset));
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(context.Scratch.ReadBuffer(sizeof(uint)));
            context.Output.Append(result.IsError ? $" -{ScriptOutput.Name(result.Errno)}"
                : result.Value == sizeof(uint) ? string.Create(CultureInfo.InvariantCulture, $" {word:x8}")
                : $" short{ScriptContext.Decimal(result.Value)}");
        }
    }

    private static void Poll(ScriptContext context)
    {
        ulong mask = context.Number(4), wanted = context.Number(5), count = Math.Min(context.Number(3), sizeof(ulong));
        ulong offset = ScriptContext.RegionOffset(context.Number(1), context.Number(2));
        TimeSpan limit = TimeSpan.FromMilliseconds(context.Number(6));
        long begun = Stopwatch.GetTimestamp();
        while (true)
        {
            context.Scratch.ClearBuffer(sizeof(ulong));
            KernelResult result = context.Process.Read(context.Descriptor(0), context.Scratch.Buffer, count, offset);
            if (result.IsError)
            {
                context.Report(result);
                return;
            }

            ulong value = LittleEndian(context.Scratch.ReadBuffer(sizeof(ulong)));
            bool hit = (ulong)result.Value == count && (value & mask) == wanted;
            if (!hit) Thread.Sleep(2);
            if (!hit && Stopwatch.GetElapsedTime(begun) < limit) continue;
            context.Output.Text(hit ? "hit" : "timeout");
            return;
        }
    }

    private static ulong LittleEndian(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--) value = value << 8 | bytes[i];
        return value;
    }
}
