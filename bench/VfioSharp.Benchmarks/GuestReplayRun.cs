// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using VfioSharp.Devices;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Memory;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;
using VfioSharp.Supervisor;

namespace VfioSharp.Benchmarks;

/// <summary>
/// A window of 1 GiB, full of 4 KiB pages, appears before an assigned device: its 262,144 entries are replayed into the
/// device's container. By this library and by QEMU, both as unmodified programs below <c>vfio run</c>, on x86.
/// </summary>
internal static class GuestReplayRun
{
    /// <summary>The argument that makes this program the one that is served.</summary>
    public const string Served = "guest-replay-served";

    private const int Repeats = 3;
    private const string Qemu = "qemu-system-x86_64";
    private const string Device = "0000:03:00.0";

    // The guest's memory that the pages lead to, and where its IOMMU's tables are (VT-d: root, context, three levels).
    private const ulong RamBytes = 64UL << 20;
    private const ulong Pointed = 16UL << 20, PointedBytes = 16UL << 20;
    private const ulong RootTable = 0x100000, ContextTable = 0x101000, Level3 = 0x102000, Level2 = 0x103000, Level1 = 0x200000;
    private const ulong Registers = 0xfed9_0000;
    private const int Slot = 4;

    /// <summary>Measures both, turn by turn.</summary>
    public static int Run(TextWriter output)
    {
        output.WriteLine("| replay of 1 GiB in 4 KiB pages, below vfio run | time | a page |");
        output.WriteLine("|---|---|---|");
        List<double> ours = [], theirs = [];
        for (int i = 0; i < Repeats; i++)
        {
            ours.Add(RunOurs());
            theirs.Add(RunQemu());
        }

        Row(output, "VfioSharp.Guest", ours);
        Row(output, "QEMU, intel-iommu", theirs);
        return 0;
    }

    /// <summary>The served program: prints how many milliseconds the replay took.</summary>
    public static int RunServed()
    {
        using var kernel = new LinuxKernel();
        BenchMachine.Value(kernel.AllocateMemory(RamBytes, out VfioMapping? ram));
        var topology = new MemoryTopology();
        var root = new ContainerRegion(topology, "memory", ulong.MaxValue);
        root.Add(new RamRegion(topology, "ram", ram!), 0);
        using var memory = new GuestAddressSpace(topology, root);
        var bus = new ContainerRegion(topology, "pci.0", ulong.MaxValue);
        using var dma = new GuestAddressSpace(topology, bus);
        using var devices = new HostDevices(kernel, memory, failure => throw new InvalidOperationException(failure.Message));
        _ = PciAddress.TryParse(Device, out PciAddress address);
        devices.Open(address, dma);
        var window = new GuestMemoryRun.FullWindow(topology, memory, PointedBytes);
        long start = Stopwatch.GetTimestamp();
        bus.Add(window, 0);
        Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    private static void Row(TextWriter output, string what, List<double> milliseconds)
    {
        double median = milliseconds.Order().ElementAt(milliseconds.Count / 2);
        double each = median * 1e6 / (GuestMemoryRun.WindowBytes / GuestMemoryRun.Page);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {median:N0} ms | {each:N0} ns |"));
    }

    private static SoftwareHost StartHost()
    {
        var host = new SoftwareHost(new X86Platform(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "machines", "x86.json")), DeviceCatalog.Default));
        host.Sysfs.WriteText("/sys/module/vfio_iommu_type1/parameters/dma_entry_limit", "4294967295");
        return host;
    }

    private static double RunOurs()
    {
        using SoftwareHost host = StartHost();
        string printed = ProgramRun.WithOutput(file =>
            ProgramSupervisor.Run(host, [Environment.ProcessPath!, Served], new RunOptions { Output = file, LockedMemoryLimit = ulong.MaxValue }));
        return double.Parse(printed, CultureInfo.InvariantCulture);
    }

    private static double RunQemu()
    {
        using SoftwareHost host = StartHost();
        string path = Path.Combine(Path.GetTempPath(), $"vfio-bench-{Environment.ProcessId}.sock");
        File.Delete(path);
        string[] command =
        [
            Qemu, "-M", "q35,accel=tcg", "-S", "-m", "64M", "-nodefaults", "-display", "none", "-monitor", $"unix:{path}m,server=on,wait=off",
            "-qtest", $"unix:{path},server=on,wait=on", "-qtest-log", "none",
            "-device", "intel-iommu,caching-mode=on", "-device", $"vfio-pci,host={Device},addr={Slot:x2}.0",
        ];
        Task<int> run = Task.Run(() => ProgramSupervisor.Run(host, command, new RunOptions { LockedMemoryLimit = ulong.MaxValue }));
        using Socket socket = Connect(path, run);
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        FillTables(stream, reader);
        Send(stream, reader, $"writeq 0x{Registers + 0x20:x} 0x{RootTable:x}");
        Send(stream, reader, $"writel 0x{Registers + 0x18:x} 0x40000000");
        long start = Stopwatch.GetTimestamp();
        Send(stream, reader, $"writel 0x{Registers + 0x18:x} 0x80000000");
        double took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

        // It has read the command when it hangs up.
        using (Socket monitor = Connect(path + "m", run))
        {
            monitor.Send("quit\n"u8);
            byte[] printed = new byte[256];
            while (monitor.Receive(printed) > 0)
            {
            }
        }

        run.Wait();
        File.Delete(path);
        File.Delete(path + "m");
        return took;
    }

    private static Socket Connect(string path, Task run)
    {
        while (true)
        {
            if (run.IsCompleted) throw new InvalidOperationException($"{Qemu} ended: is it installed, with intel-iommu and vfio-pci?");
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
                Thread.Sleep(20);
            }
        }
    }

    private static void FillTables(Stream stream, StreamReader reader)
    {
        const ulong ReadWrite = 3, Present = 1, ThreeLevels = 1, Domain = 1 << 8;
        Write(stream, reader, RootTable, [ContextTable | Present, 0]);
        Write(stream, reader, ContextTable + (Slot * 8 * 16), [Level3 | Present, ThreeLevels | Domain]);
        Write(stream, reader, Level3, [Level2 | ReadWrite]);
        Write(stream, reader, Level2, [.. Enumerable.Range(0, 512).Select(i => (Level1 + ((ulong)i * GuestMemoryRun.Page)) | ReadWrite)]);
        for (ulong table = 0; table < 512; table++)
        {
            ulong first = table * 512;
            ulong[] entries = [.. Enumerable.Range(0, 512).Select(i => (Pointed + ((first + (ulong)i) * GuestMemoryRun.Page % PointedBytes)) | ReadWrite)];
            Write(stream, reader, Level1 + (table * GuestMemoryRun.Page), entries);
        }
    }

    private static void Write(Stream stream, StreamReader reader, ulong address, ulong[] values)
    {
        byte[] bytes = new byte[values.Length * sizeof(ulong)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        Send(stream, reader, $"write 0x{address:x} 0x{bytes.Length:x} 0x{Convert.ToHexStringLower(bytes)}");
    }

    private static void Send(Stream stream, StreamReader reader, string line)
    {
        stream.Write(Encoding.ASCII.GetBytes(line + "\n"));
        if (reader.ReadLine() is not "OK" and var answer) throw new InvalidOperationException($"qtest: {line[..Math.Min(40, line.Length)]}: {answer}");
    }
}
