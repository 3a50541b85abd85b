// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using VfioSharp.Devices;
using VfioSharp.Guest;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Memory;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Benchmarks;

/// <summary>A guest's memory: views of many regions, accesses, and a full window replayed to a device that is plugged in.</summary>
internal static class GuestMemoryRun
{
    public const ulong WindowBytes = 1UL << 30;
    public const ulong Page = 4096;
    private const int Accesses = 4_000_000;

    public static void Run(TextWriter output)
    {
        output.WriteLine("| guest memory | time | a piece |");
        output.WriteLine("|---|---|---|");
        foreach (int regions in (int[])[100, 1_000, 10_000]) UpdateView(output, regions);
        LoadAndStore(output);
        Replay(output, "x86", new PciAddress(0, 3, 0, 0));
        Replay(output, "powernv9-64k", new PciAddress(0, 1, 0, 0));
        Replay(output, "pseries-64k", new PciAddress(0, 0, 1, 0));
    }

    // A BAR moves among many regions: the view is made anew and a listener hears of two sections.
    private static void UpdateView(TextWriter output, int regions)
    {
        const int Moves = 200;
        var topology = new MemoryTopology();
        var root = new ContainerRegion(topology, "memory", ulong.MaxValue);
        using (topology.Change())
        {
            for (ulong i = 0; i < (ulong)regions; i++) root.Add(new MmioRegion(topology, "registers", Page, Nothing.Instance), i * 2 * Page);
        }

        using var space = new GuestAddressSpace(topology, root);
        space.AddListener(Nothing.Instance);
        MemoryRegion moved = root.Regions[regions / 2];
        ulong place = moved.Offset;
        for (int i = 0; i < Moves; i++) root.Move(moved, place + (i % 2 == 0 ? Page : 0));
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Moves; i++) root.Move(moved, place + (i % 2 == 0 ? Page : 0));
        double each = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Moves;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| update of a view of {regions:N0} regions | {each:N1} µs | {each * 1000 / regions:N0} ns a region |"));
    }

    private static void LoadAndStore(TextWriter output)
    {
        using var kernel = new LinuxKernel();
        BenchMachine.Value(kernel.AllocateMemory(1UL << 20, out VfioMapping? ram));
        var topology = new MemoryTopology();
        var root = new ContainerRegion(topology, "memory", ulong.MaxValue);
        root.Add(new RamRegion(topology, "ram", ram!), 0);
        for (ulong i = 0; i < 1000; i++) root.Add(new MmioRegion(topology, "registers", Page, Nothing.Instance), (1UL << 30) + (i * 2 * Page));
        using var space = new GuestAddressSpace(topology, root);
        for (int round = 0; round < 2; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (ulong i = 0; i < Accesses; i++) space.Store(new GuestPhysicalAddress((i * 8) & 0xfffff), 8, i);
            double each = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Accesses;
            if (round == 1) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| store to memory among 1,001 regions | - | {each:N0} ns |"));
        }

        ram!.Dispose();
    }

    private static void Replay(TextWriter output, string machine, PciAddress device)
    {
        using var host = new SoftwareHost(MachinePlatform.Create(
            MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "machines", machine + ".json")), DeviceCatalog.Default));
        using var kernel = new SoftwareKernel(host);
        if (machine == "x86") host.Sysfs.WriteText("/sys/module/vfio_iommu_type1/parameters/dma_entry_limit", "4294967295");
        BenchMachine.Value(kernel.AllocateMemory(16UL << 20, out VfioMapping? ram));
        var topology = new MemoryTopology();
        var root = new ContainerRegion(topology, "memory", ulong.MaxValue);
        root.Add(new RamRegion(topology, "ram", ram!), 0);
        using var memory = new GuestAddressSpace(topology, root);
        var bus = new ContainerRegion(topology, "pci.0", ulong.MaxValue);
        bus.Add(new FullWindow(topology, memory, ram!.Length), 0);
        using var dma = new GuestAddressSpace(topology, bus);
        var devices = new HostDevices(kernel, memory, failure => throw new InvalidOperationException(failure.Message));
        devices.Close(devices.Open(device, dma));
        long start = Stopwatch.GetTimestamp();
        OpenedDevice plugged = devices.Open(device, dma);
        Row(output, $"plug-in, a full window of 1 GiB in 4 KiB pages replayed, {machine}", start);
        start = Stopwatch.GetTimestamp();
        devices.Close(plugged);
        Row(output, $"unplugged again, {machine}", start);
        ram.Dispose();
    }

    private static void Row(TextWriter output, string what, long start)
    {
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        double each = took.TotalNanoseconds / (WindowBytes / Page);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {took.TotalMilliseconds:N1} ms | {each:N0} ns a page |"));
    }

    // Each page of the window is mapped, to memory that comes again and again.
    internal sealed class FullWindow(MemoryTopology topology, GuestAddressSpace memory, ulong bytes) : IommuRegion(topology, "window", WindowBytes, memory)
    {
        public override ulong PageSizes => Page;

        public override IommuEntry Translate(ulong offset, DmaAccess access) =>
            new(offset & ~(Page - 1), new GuestPhysicalAddress(offset % bytes & ~(Page - 1)), Page - 1, DmaAccess.ReadWrite);
    }

    private sealed class Nothing : IMmioHandler, IMemoryListener
    {
        public static readonly Nothing Instance = new();

        public ulong Read(ulong offset, int width) => 0;

        public void Write(ulong offset, int width, ulong value)
        {
        }

        public void Begin()
        {
        }

        public void RegionAdded(in MemorySection section)
        {
        }

        public void RegionRemoved(in MemorySection section)
        {
        }

        public void Commit()
        {
        }
    }
}
