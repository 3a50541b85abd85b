// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Pci;

namespace VfioSharp.EndToEnd.Tests;

/// <summary>A ppc64le Linux guest with edu assigned by <c>host=</c>, in Debian's QEMU, on hosts of both kinds of POWER.</summary>
internal static class PowerGuest
{
    /// <summary>edu for the guest's first host bridge.</summary>
    public const string Edu = "vfio-pci,id=edu,host=0001:00:01.0,bus=pci.0,addr=5";

    /// <summary>edu's address on the host.</summary>
    public static readonly PciAddress HostEdu = new(1, 0, 1, 0);

    /// <summary>Page size of the guest, and the host.</summary>
    public static TheoryData<int, string> Machines => GuestImage.IsFull
        ? new() { { 4, "pseries" }, { 64, "pseries" }, { 4, "powernv" }, { 64, "powernv" } }
        : new() { { 4, "pseries" } };

    /// <summary>These, and pSeries with Linux' limit of a table's levels.</summary>
    public static TheoryData<int, string> MachinesAndLimits => GuestImage.IsFull ? [.. Machines, (4, "pseries-4k")] : Machines;

    /// <summary>Boots a guest.</summary>
    public static Guest Boot(int pages, SoftwareHost host, string machine, params IReadOnlyList<string> arguments)
    {
        // A table of Linux on pSeries has one level, and QEMU asks for two as soon as it fills more than 32 of a program's
        // pages: with pages of 4 KiB, windows above 64 MiB. "pseries" has that limit lifted, "pseries-4k" not: there the
        // guest gets a default window of that size, and no dynamic one.
        IReadOnlyList<string> limits = machine == "pseries-4k"
            ? ["-global", "spapr-pci-host-bridge.dma_win_size=0x4000000", "-global", "spapr-pci-host-bridge.ddw=off"]
            : [];
        return new Guest(Image(pages), host, ["-trace", "vfio_spapr*", "-trace", "spapr_iommu_pci*", .. limits, .. arguments]);
    }

    /// <summary>The guest with pages of so many KiB.</summary>
    public static GuestImage Image(int pages)
    {
        GuestImage image = pages == 4 ? GuestImage.Power4K : GuestImage.Power64K;
        image.Require();
        return image;
    }

    /// <summary>The windows of edu's endpoint.</summary>
    public static IReadOnlyList<WindowUse> Windows(SoftwareHost host) => host.ListWindows().Single(endpoint => endpoint.Functions.Contains(HostEdu)).Windows;

    /// <summary>The windows that QEMU traced that it made.</summary>
    public static IEnumerable<(ulong Start, ulong Size, ulong PageSize)> CreatedWindows(Guest guest) =>
        from line in File.ReadAllLines(guest.TraceFile)
        where line.Contains("vfio_spapr_create_window", StringComparison.Ordinal)
        select (Field(line, "offset"), Field(line, "winsize"), 1UL << (int)Field(line, "pageshift"));

    /// <summary>A number of a line of QEMU's trace.</summary>
    public static ulong Field(string line, string name)
    {
        int at = line.IndexOf($" {name}=", StringComparison.Ordinal) + name.Length + 2;
        string number = line[at..].Split(' ')[0];
        return number.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.Parse(number[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : ulong.Parse(number, CultureInfo.InvariantCulture);
    }
}
