// SPDX-License-Identifier: MIT
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace VfioSharp.EndToEnd.Tests;

/// <summary>A guest that eng/guests.sh made, and the QEMU that boots it.</summary>
/// <param name="Name">Its folder in artifacts/guests.</param>
/// <param name="Emulator">The program.</param>
/// <param name="Arguments">What every boot of it has.</param>
internal sealed record GuestImage(string Name, string Emulator, IReadOnlyList<string> Arguments)
{
    // All memory is below 256 MiB, which edu's 28 address bits reach.
    public static GuestImage X86 { get; } = new("x86", "qemu-system-x86_64", ["-M", "pc", "-m", "256M", "-append", "console=ttyS0 panic=-1 quiet"]);

    public static GuestImage Power4K { get; } = Power("ppc64-4k");

    public static GuestImage Power64K { get; } = Power("ppc64-64k");

    /// <summary>Whether everything is to be tested (./test --full), not the short form.</summary>
    public static bool IsFull => Environment.GetEnvironmentVariable("VFIOSHARP_FULL") == "1";

    /// <summary>Root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    public string Kernel => Path.Combine(Folder, "kernel");

    public string InitialRam => Path.Combine(Folder, "initrd");

    /// <summary>Where it is.</summary>
    public string Folder => Path.Combine(Above ?? Path.Combine(Root, "artifacts/guests"), Name);

    /// <summary>The folder above, when that is not artifacts/guests.</summary>
    public string? Above { get; init; }

    /// <summary>Skips the test, with the reason, where the guest cannot be booted.</summary>
    public void Require()
    {
        bool hasEmulator = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, Emulator)));
        Assert.SkipUnless(hasEmulator, $"{Emulator} is missing: install Debian's qemu-system-x86, qemu-system-ppc, qemu-system-data");
        Assert.SkipUnless(File.Exists(Path.Combine(Folder, "stamp")), $"guest {Name} is not made: eng/guests.sh makes it, or says why it cannot");
    }

    // Memory that could be added makes the device tree say where memory ends, which the guest's kernel sizes its
    // dynamic window by (arch/powerpc/platforms/pseries/iommu.c: ddw_memory_hotplug_max).
    private static GuestImage Power(string name) =>
        new(name, "qemu-system-ppc64", ["-M", "pseries", "-vga", "none", "-m", "1G,slots=1,maxmem=2G", "-append", "console=hvc0 quiet"]);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "VfioSharp.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has VfioSharp.slnx.");
    }
}
