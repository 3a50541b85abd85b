// SPDX-License-Identifier: MIT
using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using VfioSharp.Host;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Linux;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio limits</c>: the locked memory that a guest will need, with the arithmetic.</summary>
internal static class LimitsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> machine = MachineChoice.CreateOption();
        Option<string> guest = new("--guest") { Description = "The guest's memory: 64G.", HelpName = "SIZE", DefaultValueFactory = _ => "4G" };
        Option<string?> window = new("--window") { Description = "POWER: the dynamic window, a power of two; absent: the smallest that holds the guest.", HelpName = "SIZE" };
        Option<string> pageSize = new("--page-size") { Description = "POWER: the dynamic window's pages.", HelpName = "SIZE", DefaultValueFactory = _ => "64K" };
        Option<uint> levels = new("--levels") { Description = "POWER: levels of its table.", DefaultValueFactory = _ => 1 };
        Option<uint> groups = new("--groups") { Description = "IOMMU groups that the guest gets.", DefaultValueFactory = _ => 1 };
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Command command = new("limits", "The locked memory that a guest will need with each IOMMU driver, with the arithmetic.") { machine, guest, window, pageSize, levels, groups, json };
        command.SetAction(parsed =>
        {
            ulong bytes = Size("--guest", parsed.GetValue(guest)!);
            ulong windowBytes = parsed.GetValue(window) is { } text ? Size("--window", text) : BitOperations.RoundUpToPowerOf2(bytes);
            GuestLayout layout = new(bytes, windowBytes, Size("--page-size", parsed.GetValue(pageSize)!), parsed.GetValue(levels), parsed.GetValue(groups));
            using SoftwareHost host = MachineChoice.Start(MachineChoice.Load(parsed.GetValue(machine)));
            LimitsReport report = new(host.Platform.Name, layout, Plans(host, layout), Limit());
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(report, LimitsJson.Default.LimitsReport));
            else Print(report, output);
            return ExitCodes.Success;
        });
        return command;
    }

    private static IReadOnlyList<LockedMemoryPlan> Plans(SoftwareHost host, GuestLayout layout)
    {
        if (host.ListWindows() is not [EndpointWindows endpoint, ..]) return [LockedMemoryPlan.Type1(layout)];
        if (!BitOperations.IsPow2(layout.PageSize) || !BitOperations.IsPow2(layout.Window) || layout.Window < layout.PageSize ||
            (endpoint.PageSizes & layout.PageSize) == 0 || layout.Levels == 0 || LockedMemoryPlan.Version2(layout, endpoint) is not { } version2)
        {
            throw CommandFailure.Usage(
                $"machine {host.Platform.Name} has no window of {ByteCount.Text(layout.Window)} in pages of {ByteCount.Text(layout.PageSize)} with {layout.Levels} level(s)",
                $"a power of two; pages of {PageSizes(endpoint)}; 1 to {endpoint.MaxLevels} level(s)");
        }

        return [LockedMemoryPlan.Version1(layout, endpoint), version2];
    }

    private static void Print(LimitsReport report, TextWriter output)
    {
        output.WriteLine($"machine {report.Machine}, a guest of {ByteCount.Text(report.Layout.Guest)}, {report.Layout.Groups.ToString(CultureInfo.InvariantCulture)} group(s)");
        foreach (LockedMemoryPlan plan in report.Plans)
        {
            output.WriteLine($"\n{plan.Driver}: {ByteCount.Text(plan.Bytes)} of locked memory");
            foreach (LockedPart part in plan.Parts) output.WriteLine($"  {ByteCount.Text(part.Bytes),10}  {part.What}: {part.Arithmetic}");
            output.WriteLine("              " + Verdict(plan.Bytes, report.Limit));
        }
    }

    // ulimit counts in KiB.
    private static string Verdict(ulong bytes, ulong? limit) =>
        limit is null ? "RLIMIT_MEMLOCK: none"
        : bytes <= limit ? $"RLIMIT_MEMLOCK is {ByteCount.Text(limit.Value)}: enough"
        : string.Create(CultureInfo.InvariantCulture, $"RLIMIT_MEMLOCK is {ByteCount.Text(limit.Value)}: too little without CAP_IPC_LOCK; remedy: ulimit -l {(bytes + 1023) / 1024}");

    private static ulong? Limit() => ProcessCredentials.ReadMemlockLimit(0, out ulong bytes).IsError || bytes == ulong.MaxValue ? null : bytes;

    private static string PageSizes(EndpointWindows endpoint) => string.Join(
        ", ", Enumerable.Range(0, 64).Select(shift => 1UL << shift).Where(size => (endpoint.PageSizes & size) != 0).Select(ByteCount.Text));

    private static ulong Size(string option, string text) => ByteCount.TryParse(text, out ulong bytes) && bytes != 0
        ? bytes
        : throw CommandFailure.Usage($"{option}: '{text}' is no size", "write 4096, 0x1000, 64K, 2M, 64G or 1T");
}
