// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text.Json.Serialization;
using VfioSharp.Host.Iommu.Spapr;

namespace VfioSharp.Cli.Commands;

/// <summary>A guest and its windows, as asked of <c>vfio limits</c>.</summary>
/// <param name="Guest">Bytes of the guest's memory.</param>
/// <param name="Window">Bytes of the dynamic window.</param>
/// <param name="PageSize">Bytes of its pages.</param>
/// <param name="Levels">Levels of its table.</param>
/// <param name="Groups">IOMMU groups that the guest gets.</param>
internal sealed record GuestLayout(ulong Guest, ulong Window, ulong PageSize, uint Levels, uint Groups);

/// <summary>One thing that counts as locked memory.</summary>
/// <param name="What">What.</param>
/// <param name="Arithmetic">How it comes about.</param>
/// <param name="Bytes">How much.</param>
internal sealed record LockedPart(string What, string Arithmetic, ulong Bytes);

/// <summary>What a guest costs with one IOMMU driver.</summary>
/// <param name="Driver">The driver.</param>
/// <param name="Parts">What counts.</param>
internal sealed record LockedMemoryPlan(string Driver, IReadOnlyList<LockedPart> Parts)
{
    /// <summary>The default window's pages, as the driver makes it (vfio_iommu_spapr_tce.c: tce_iommu_create_default_window).</summary>
    private const ulong DefaultPageSize = 0x1000;

    /// <summary>The sum.</summary>
    public ulong Bytes => Parts.Aggregate(0UL, (sum, part) => sum + part.Bytes);

    /// <summary>Type1: the guest's memory, once for a container.</summary>
    public static LockedMemoryPlan Type1(GuestLayout layout) => new(
        "Type1 v2",
        [new LockedPart("guest memory", $"{ByteCount.Text(layout.Guest)}, once for a container, however many groups are in it", layout.Guest)]);

    /// <summary>Version 1: a container for each group, and each its whole default window.</summary>
    public static LockedMemoryPlan Version1(GuestLayout layout, EndpointWindows endpoint)
    {
        ulong window = endpoint.DefaultWindowSize;
        return new LockedMemoryPlan(
            "sPAPR TCE v1",
            [
                new LockedPart("default windows", Times(layout.Groups, "container(s)", ByteCount.Text(window)), layout.Groups * window),
                Tables("their tables", endpoint, layout.Groups, DefaultPageSize, window, 1),
            ]);
    }

    /// <summary>Version 2: the guest's memory once for the process, and the windows' tables; null when such a window cannot be.</summary>
    public static LockedMemoryPlan? Version2(GuestLayout layout, EndpointWindows endpoint)
    {
        if (endpoint.GetTableSize(layout.PageSize, layout.Window, layout.Levels) is 0) return null;
        uint containers = endpoint.SharesWindows ? 1 : layout.Groups;
        return new LockedMemoryPlan(
            "sPAPR TCE v2",
            [
                new LockedPart("guest memory", $"{ByteCount.Text(layout.Guest)}, registered once, however many containers", layout.Guest),
                Tables("default windows' tables", endpoint, containers, DefaultPageSize, endpoint.DefaultWindowSize, 1),
                Tables("dynamic windows' tables", endpoint, containers, layout.PageSize, layout.Window, layout.Levels),
            ]);
    }

    private static LockedPart Tables(string what, EndpointWindows endpoint, uint count, ulong pageSize, ulong size, uint levels)
    {
        ulong bytes = endpoint.GetTableSize(pageSize, size, levels);
        string copies = endpoint.SharesWindows ? ", twice (the user's addresses beside it)" : "";
        string entries = string.Create(CultureInfo.InvariantCulture, $"{ByteCount.Text(size)} / {ByteCount.Text(pageSize)} = {size / pageSize} entries of 8 bytes, {levels} level(s){copies}: {ByteCount.Text(bytes)}");
        return new LockedPart(what, Times(count, "container(s)", entries), count * bytes);
    }

    private static string Times(uint count, string of, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {of} × {what}");
}

/// <summary>What <c>vfio limits</c> says.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Layout">What was asked.</param>
/// <param name="Plans">The cost with each driver that the machine has.</param>
/// <param name="Limit">RLIMIT_MEMLOCK of this process in bytes; null: none.</param>
internal sealed record LimitsReport(string Machine, GuestLayout Layout, IReadOnlyList<LockedMemoryPlan> Plans, ulong? Limit);

/// <summary>The report as JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LimitsReport))]
internal sealed partial class LimitsJson : JsonSerializerContext;
