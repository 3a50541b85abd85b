// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;

namespace VfioSharp.Benchmarks;

/// <summary>Many mappings: time and memory for each, at sizes that grow, so that anything but linear shows.</summary>
internal static class ScaleRun
{
    private const ulong Gib = 1UL << 30;

    public static void Run(TextWriter output)
    {
        output.WriteLine("| maps | of | total | map | unmap | managed memory |");
        output.WriteLine("|---|---|---|---|---|---|");
        Row(output, 1_000, BenchMachine.Page);
        Row(output, 16_384, BenchMachine.Page);
        Row(output, 65_535, BenchMachine.Page);
        Row(output, (int)(16 * Gib >> 21), 2UL << 20);
        Row(output, (int)(256 * Gib >> 21), 2UL << 20);
        Row(output, (int)(1024 * Gib >> 21), 2UL << 20);
    }

    private static void Row(TextWriter output, int count, ulong size)
    {
        using var machine = new BenchMachine();
        ulong memory = machine.Memory(size, size);

        // Above the MSI window, one mapping after the other, all of the same memory.
        const ulong First = 0x1_0000_0000;
        BenchMachine.Value(machine.Map(memory, First, size));
        BenchMachine.Value(machine.Unmap(First, size));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++) BenchMachine.Value(machine.Map(memory, First + ((ulong)i * size), size));
        double map = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
        long kept = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++) BenchMachine.Value(machine.Unmap(First + ((ulong)i * size), size));
        double unmap = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
        double total = (double)count * size / Gib;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {count:N0} | {size / 1024:N0} KiB | {total:N3} GiB | {map:N0} ns | {unmap:N0} ns | {kept} B a map |"));
    }
}
