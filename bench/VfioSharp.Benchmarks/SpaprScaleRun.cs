// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using VfioSharp.Host.Callers;

namespace VfioSharp.Benchmarks;

/// <summary>POWER at the sizes of large guests: registration, windows with many levels, a guest mapped whole.</summary>
internal static class SpaprScaleRun
{
    private const ulong Gib = 1UL << 30;
    private const ulong Chunk = 4 * Gib;

    public static void Run(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("| POWER | time | a piece | memory of tables |");
        output.WriteLine("|---|---|---|---|");
        Register(output);
        CreateDeep(output);
        MapGuest(output, 256 * Gib, 21, "2 MiB");
        MapGuest(output, 1024 * Gib, 21, "2 MiB");
        MapGuest(output, 256 * Gib, 16, "64 KiB");
        MapGuest(output, 1024 * Gib, 16, "64 KiB");
    }

    private static void Register(TextWriter output)
    {
        using SpaprBench machine = new("powernv9-64k");

        // In parts: the operating system refuses one allocation that is larger than what it has.
        ulong[] parts = [.. Enumerable.Range(0, 16).Select(_ => machine.Memory(Chunk))];
        long start = Stopwatch.GetTimestamp();
        foreach (ulong part in parts) machine.RegisterAt(part, Chunk);
        Row(output, "REGISTER of 64 GiB that nobody touched, in 16 parts", start, 1, machine.TableBytes);
    }

    // Four levels: with five, the smallest levels and the page together pass the 55 bits that Linux allows, whatever the page.
    private static void CreateDeep(TextWriter output)
    {
        using SpaprBench machine = new("powernv");
        long start = Stopwatch.GetTimestamp();
        machine.Create(16, 16 * 1024 * Gib, 4);
        Row(output, "CREATE of 16 TiB in 64 KiB pages, 4 levels", start, 1, machine.TableBytes);
    }

    // A piece of memory again and again: the table is what is measured, not this computer's memory.
    private static void MapGuest(TextWriter output, ulong guest, int pageShift, string pages)
    {
        using SpaprBench machine = new(pageShift > 16 ? "powernv" : "powernv9-64k");
        ulong memory = machine.Register(Chunk, pageShift > 16 ? MemoryKind.Huge : MemoryKind.Private);
        ulong window = machine.Create(pageShift, guest, 2);
        long start = Stopwatch.GetTimestamp();
        for (ulong at = 0; at < guest; at += Chunk) machine.Map(memory, window + at, Chunk);
        string what = string.Create(CultureInfo.InvariantCulture, $"{guest / Gib:N0} GiB in pages of {pages}, 2 levels");
        Row(output, "MAP of " + what, start, guest >> pageShift, machine.TableBytes);
        start = Stopwatch.GetTimestamp();
        for (ulong at = 0; at < guest; at += Chunk) machine.Unmap(window + at, Chunk);
        Row(output, "UNMAP of " + what, start, guest >> pageShift, machine.TableBytes);
    }

    private static void Row(TextWriter output, string what, long start, ulong pieces, long tables)
    {
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {what} | {took.TotalMilliseconds:N2} ms | {(pieces == 1 ? "-" : $"{took.TotalNanoseconds / pieces:N0} ns a page")} | {tables / 1024:N0} KiB |"));
    }
}
