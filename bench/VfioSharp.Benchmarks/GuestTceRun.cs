// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using VfioSharp.Devices;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Spapr;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Benchmarks;

/// <summary>H_PUT_TCE from the hypercall to where it ends: the guest's table, a kernel's table (played), the host's window.</summary>
internal static class GuestTceRun
{
    private const ulong Page = 4096, RamBytes = 16 << 20, Pages = 4096;
    private const int Rounds = 50;

    public static void Run(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("| H_PUT_TCE, a page | set | cleared |");
        output.WriteLine("|---|---|---|");
        Measure(output, "nobody follows the window, no acceleration", "powernv9-64k", null, null);
        Measure(output, "nobody follows the window, accelerated (the kernel played in memory)", "powernv9-64k", null, new PlayedKernel());
        Measure(output, "a device is assigned, so mapped on the host: PowerNV", "powernv9-64k", new PciAddress(0, 1, 0, 0), null);
        Measure(output, "the same with acceleration, which is switched off by it", "powernv9-64k", new PciAddress(0, 1, 0, 0), new PlayedKernel());
        Measure(output, "a device is assigned: pSeries", "pseries-64k", new PciAddress(0, 0, 1, 0), null);
        Measure(output, "a device is assigned: Type1", "x86", new PciAddress(0, 3, 0, 0), null);
    }

    private static void Measure(TextWriter output, string what, string machine, PciAddress? device, ITceAcceleration? acceleration)
    {
        using var host = new SoftwareHost(MachinePlatform.Create(
            MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "machines", machine + ".json")), DeviceCatalog.Default));
        using var kernel = new SoftwareKernel(host);
        BenchMachine.Value(kernel.AllocateMemory(RamBytes, out VfioMapping? ram));
        var topology = new MemoryTopology();
        var root = new ContainerRegion(topology, "memory", ulong.MaxValue);
        root.Add(new RamRegion(topology, "ram", ram!), 0);
        var memory = new GuestAddressSpace(topology, root);
        using var events = new EventLoop(kernel, new Lock());
        var firmware = new PseriesFirmware(memory, new NoController(), events, acceleration);
        PseriesHostBridge bridge = firmware.AddBridge(new HostBridgeOptions());
        using var devices = new HostDevices(kernel, memory, failure => throw new InvalidOperationException(failure.Message));
        if (device is { } address) devices.Open(address, bridge.Bus.Dma);

        ulong[] arguments = new ulong[3];
        double set = 0, cleared = 0;
        for (int round = 0; round <= Rounds; round++)
        {
            double first = Put(firmware, bridge, arguments, permissions: 3), second = Put(firmware, bridge, arguments, permissions: 0);

            // The first round is the warm-up.
            if (round == 0) continue;
            set += first / Rounds;
            cleared += second / Rounds;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {set:N0} ns | {cleared:N0} ns |"));
        devices.Dispose();
        ram!.Dispose();
    }

    private static double Put(PseriesFirmware firmware, PseriesHostBridge bridge, ulong[] arguments, ulong permissions)
    {
        long start = Stopwatch.GetTimestamp();
        for (ulong page = 0; page < Pages; page++)
        {
            (arguments[0], arguments[1], arguments[2]) = (bridge.DmaWindows[0].Liobn, page * Page, permissions == 0 ? 0 : (page * Page) | permissions);
            if (firmware.Call(HypercallNumber.PutTce, arguments) != HypercallStatus.Success) throw new InvalidOperationException("H_PUT_TCE was refused");
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Pages;
    }

    private sealed class NoController : IInterruptController
    {
        public bool ReportsEndOfInterrupt => true;

        public void SetLevel(int interrupt, bool asserted)
        {
        }

        public void Deliver(MsiMessage message)
        {
        }
    }

    private sealed class PlayedKernel : ITceAcceleration
    {
        public bool ServesGroups => false;

        public IAcceleratedTceTable Create(uint liobn, int pageShift, Iova start, ulong pageCount) => new Table(pageCount);

        private sealed class Table(ulong pages) : IAcceleratedTceTable
        {
            private readonly ulong[] _entries = new ulong[pages];

            public ulong Read(ulong index) => _entries[index];

            public void Write(ulong index, ulong tce) => _entries[index] = tce;

            public bool AttachGroup(int group) => false;

            public void Dispose()
            {
            }
        }
    }
}
