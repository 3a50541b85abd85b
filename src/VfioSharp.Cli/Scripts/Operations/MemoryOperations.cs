// SPDX-License-Identifier: MIT
using System.Diagnostics;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>Buffers and mappings, and loads and stores, which may fault.</summary>
internal static class MemoryOperations
{
    private const int DumpLimit = 4096;

    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("mem", Allocate);
        operations.Add("mmap", MapFile);
        operations.Add("munmap", Unmap);
        operations.Add("mprotect", Protect);
        operations.Add("fill", Fill);
        operations.Add("st", Store);
        operations.Add("ld", Load);
        operations.Add("touch", Touch);
        operations.Add("dump", Dump);
        operations.Add("cmp", Compare);
        operations.Add("pollmem", Poll);
    }

    private static void Allocate(ScriptContext context)
    {
        SoftwareProcess process = context.Process;
        ulong length = context.Number(1);
        MemoryProtection protection = context.Option("prot") switch
        {
            null or "rw" => MemoryProtection.ReadWrite,
            "r" => MemoryProtection.Read,
            _ => MemoryProtection.None,
        };

        KernelResult mapped;
        if (context.Option("kind") == "memfd")
        {
            KernelResult file = process.CreateMemfd(length);
            mapped = process.MapFile((int)file.Value, 0, length, protection, shared: true);
            context.NameDescriptor(context.Text(0), file);
        }
        else
        {
            MemoryKind kind = context.Option("kind") switch
            {
                "shared" => MemoryKind.Shared,
                "huge" => MemoryKind.Huge,
                _ => MemoryKind.Private,
            };
            mapped = process.MapAnonymous(length, context.Option("align", (ulong)process.PageSize), protection, kind);
        }

        NameMapping(context, mapped, length);
    }

    private static void MapFile(ScriptContext context)
    {
        ulong offset = context.Option("at") is null
            ? ScriptContext.RegionOffset(context.Number(2), context.Number(3))
            : context.Option("at", 0);
        MemoryProtection protection = context.Option("prot") switch
        {
            null or "rw" => MemoryProtection.ReadWrite,
            "r" => MemoryProtection.Read,
            "w" => MemoryProtection.Write,
            "x" => MemoryProtection.Read | MemoryProtection.Execute,
            _ => MemoryProtection.None,
        };
        ulong length = context.Number(4);
        bool shared = context.Option("private", 0) == 0;
        NameMapping(context, context.Process.MapFile(context.Descriptor(1), offset, length, protection, shared), length);
    }

    // mmap returns an address, which is not printed.
    private static void NameMapping(ScriptContext context, KernelResult mapped, ulong length)
    {
        context.Report(mapped.IsError ? mapped : KernelResult.Success);
        context.Symbols.SetMemory(context.Text(0) ?? "", mapped.IsError ? default : new((ulong)mapped.Value, length));
    }

    private static void Unmap(ScriptContext context)
    {
        string name = context.Text(0) ?? "";
        bool known = context.Symbols.TryGetMemory(name, out ScriptMemory memory);
        ulong offset = context.Option("off", 0);
        ulong length = context.Option("len", known ? memory.Length - offset : 0);
        KernelResult result = context.Process.Unmap(known ? memory.Address + offset : 0, length);
        if (known && result.IsSuccess && offset == 0 && length == memory.Length) context.Symbols.SetMemory(name, default);
        context.Report(result);
    }

    private static void Protect(ScriptContext context)
    {
        bool known = context.Symbols.TryGetMemory(context.Text(0) ?? "", out ScriptMemory memory);
        MemoryProtection protection = context.Text(1) switch
        {
            "rw" => MemoryProtection.ReadWrite,
            "r" => MemoryProtection.Read,
            _ => MemoryProtection.None,
        };
        ulong offset = context.Option("off", 0);
        ulong length = context.Option("len", known ? memory.Length - offset : 0);
        context.Report(context.Process.Protect(known ? memory.Address + offset : 0, length, protection));
    }

    private static void Fill(ScriptContext context)
    {
        ulong address = context.Location(0), count = context.Number(2);
        bool sequence = context.Text(3) == "seq";
        byte value = (byte)context.Number(3);
        MemoryFault fault = MemoryFault.None;
        for (ulong i = 0; i < count && fault == MemoryFault.None; i++)
            fault = context.Process.Store(address + i, 1, sequence ? (byte)(i * 7 + (i >> 8) * 13 + 1) : value);
        context.Output.Text(FaultName(fault) ?? "0");
    }

    private static void Store(ScriptContext context)
    {
        int width = Width(context.Number(2));
        context.Output.Text(FaultName(context.Process.Store(context.Location(0), width, context.Number(3))) ?? "0");
    }

    private static void Load(ScriptContext context)
    {
        MemoryFault fault = context.Process.Load(context.Location(0), Width(context.Number(2)), out ulong value);
        context.Output.Text(FaultName(fault) ?? "0");
        if (fault == MemoryFault.None) context.Output.Field("val", value);
    }

    private static void Touch(ScriptContext context) =>
        context.Output.Text(FaultName(context.Process.Load(context.Location(0), Width(context.Number(2)), out _)) ?? "0");

    private static void Dump(ScriptContext context)
    {
        ulong address = context.Location(0);
        byte[] bytes = new byte[Math.Min(context.Number(2), DumpLimit)];
        MemoryFault fault = MemoryFault.None;
        for (int i = 0; i < bytes.Length && fault == MemoryFault.None; i++)
        {
            fault = context.Process.Load(address + (ulong)i, 1, out ulong value);
            bytes[i] = (byte)value;
        }

        context.Output.Text(FaultName(fault) ?? "0");
        if (fault == MemoryFault.None) context.Output.Bytes("data", bytes);
    }

    private static void Compare(ScriptContext context)
    {
        ulong left = context.Location(0), right = context.Location(2), count = context.Number(4);
        for (ulong i = 0; i < count; i++)
        {
            MemoryFault fault = context.Process.Load(left + i, 1, out ulong a);
            ulong b = 0;
            if (fault == MemoryFault.None) fault = context.Process.Load(right + i, 1, out b);
            if (fault != MemoryFault.None)
            {
                context.Output.Text(FaultName(fault)!);
                return;
            }

            if (a == b) continue;
            context.Output.Text("differ");
            context.Output.Field("at", i);
            context.Output.Field("a", a);
            context.Output.Field("b", b);
            return;
        }

        context.Output.Text("equal");
    }

    private static void Poll(ScriptContext context)
    {
        ulong address = context.Location(0), mask = context.Number(3), wanted = context.Number(4);
        int width = Width(context.Number(2));
        TimeSpan limit = TimeSpan.FromMilliseconds(context.Number(5));
        long begun = Stopwatch.GetTimestamp();
        while (true)
        {
            MemoryFault fault = context.Process.Load(address, width, out ulong value);
            bool hit = fault == MemoryFault.None && (value & mask) == wanted;
            if (fault != MemoryFault.None || hit || Stopwatch.GetElapsedTime(begun) >= limit)
            {
                context.Output.Text(FaultName(fault) ?? (hit ? "hit" : "timeout"));
                return;
            }

            Thread.Sleep(2);
        }
    }

    private static int Width(ulong width) => width is 1 or 2 or 4 ? (int)width : 8;

    private static string? FaultName(MemoryFault fault) => fault switch
    {
        MemoryFault.None => null,
        MemoryFault.Bus => "SIGBUS",
        _ => "SIGSEGV",
    };
}
