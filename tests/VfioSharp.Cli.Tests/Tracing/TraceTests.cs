// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Text.Json;
using VfioSharp.Abi.Vfio;
using VfioSharp.Cli.Tracing;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Linux;
using VfioSharp.Pci;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Cli.Tests.Tracing;

public sealed class TraceTests
{
    private const string Hostile = "x\u001b[31m\n\u202e\"\\";

    private static readonly long s_now = Stopwatch.GetTimestamp() + (Stopwatch.Frequency * 3600);

    private static readonly byte[] s_regionBefore = [32, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, .. new byte[20]];
    private static readonly byte[] s_regionAfter = [32, 0, 0, 0, 3, 0, 0, 0, 7, 0, 0, 0, .. new byte[4], 0, 0x10, .. new byte[6], 0, 0, 0, 0, 0, 7, 0, 0];

    [Fact]
    public void Text_has_the_structure_before_and_what_changed_of_it() =>
        Assert.Matches(
            @"^ *\d+\.\d{6} me\[1\] ioctl\(device 0000:03:00\.0, DEVICE_GET_REGION_INFO \{argsz=32 flags=0 index=CONFIG cap_offset=0 size=0x0 offset=0x0\}\) = 0 \{flags=READ\|WRITE size=0x1000 offset=0x70000000000\} <\d+\.\d µs>\n$",
            Text(sink => Ioctl(sink, VfioFileKind.Device, VfioIoctl.DeviceGetRegionInfo, s_regionBefore, s_regionAfter, KernelResult.Success)));

    [Fact]
    public void Text_of_a_refusal_has_errno_and_reason() =>
        Assert.Contains(
            ", SET_IOMMU {extension=TYPE1v2_IOMMU}) = EINVAL: no group <",
            Text(sink => Ioctl(sink, VfioFileKind.Type1Container, VfioIoctl.SetIommu, [], [], KernelResult.Fail(Errno.EINVAL, "no group"), argument: 3)),
            StringComparison.Ordinal);

    [Fact]
    public void Unknown_requests_are_numbers() =>
        Assert.Contains("(x, 0x3bff {argument=0x3}) = ENOTTY", Text(sink => Ioctl(sink, VfioFileKind.Group, 0x3bff, [], [], KernelResult.FailSilently(Errno.ENOTTY), argument: 3, "x")), StringComparison.Ordinal);

    [Fact]
    public void Descriptors_that_follow_a_structure_are_numbers()
    {
        byte[] set = [28, 0, 0, 0, 0x24, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 9, 0, 0, 0, 255, 255, 255, 255];
        Assert.Contains(
            "{argsz=28 flags=DATA_EVENTFD|ACTION_TRIGGER index=MSI start=0 count=2 data=[9 -1]}",
            Text(sink => Ioctl(sink, VfioFileKind.Device, VfioIoctl.DeviceSetIrqs, set, set, KernelResult.Success)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Short_structures_show_the_fields_they_have() =>
        Assert.Contains("{argsz=4}", Text(sink => Ioctl(sink, VfioFileKind.Device, VfioIoctl.DeviceGetInfo, [4, 0, 0, 0], [4, 0, 0, 0], KernelResult.FailSilently(Errno.EINVAL))), StringComparison.Ordinal);

    [Fact]
    public void Random_bytes_of_any_length_stay_one_line_of_printable_text_and_one_JSON_object()
    {
        var random = new Random(1);
        foreach (VfioFileKind kind in Enum.GetValues<VfioFileKind>())
        {
            for (uint number = VfioIoctl.GetApiVersion; number < VfioIoctl.GetApiVersion + 32; number++)
            {
                byte[] before = new byte[random.Next(257)];
                random.NextBytes(before);
                byte[] after = [.. before];
                random.NextBytes(after);
                void Play(ITraceSink sink) => Ioctl(sink, kind, number, before, after, KernelResult.Fail(Errno.EINVAL, Hostile), program: Hostile);
                string text = Text(Play);
                Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
                Assert.DoesNotContain(text[..^1], char.IsControl);
                string line = Json(isPerfetto: false, Play);
                Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
                JsonDocument.Parse(line).Dispose();
                JsonDocument.Parse(Json(isPerfetto: true, Play)).Dispose();
            }
        }
    }

    [Fact]
    public void Names_and_paths_of_a_program_cannot_steer_a_terminal()
    {
        string text = Text(sink => sink.Call(new TracedCall { Kind = TracedCallKind.Open, Program = Hostile, Path = Hostile, Result = KernelResult.FailSilently(Errno.ENOENT) }));
        Assert.Contains("\\u001b[31m\\u000a\\u202e", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Perfetto_has_calls_as_slices_and_devices_as_threads_of_their_own()
    {
        using JsonDocument trace = JsonDocument.Parse(Json(isPerfetto: true, sink =>
        {
            Ioctl(sink, VfioFileKind.Device, VfioIoctl.DeviceReset, [], [], KernelResult.Success);
            sink.Dma(new PciAddress(0, 3, 0, 0), new Iova(0x1000), 64, isWrite: true, isComplete: true);
        }));
        Dictionary<string, JsonElement> slices = trace.RootElement.EnumerateArray()
            .Where(element => element.GetProperty("ph").GetString() != "M").ToDictionary(element => element.GetProperty("name").GetString()!);
        Assert.Equal("X", slices["DEVICE_RESET"].GetProperty("ph").GetString());
        Assert.Equal(1, slices["DEVICE_RESET"].GetProperty("pid").GetInt32());
        Assert.Equal("0x1000", slices["DMA write"].GetProperty("args").GetProperty("iova").GetString());
    }

    [Fact]
    public void Statistics_count_calls_by_name_and_the_peak_of_locked_memory_over_all_processes()
    {
        RunStatistics statistics = new(4096);
        Ioctl(statistics, VfioFileKind.Type1Container, VfioIoctl.IommuMapDma, [], [], KernelResult.Success, locked: 3 * 4096);
        Ioctl(statistics, VfioFileKind.Type1Container, VfioIoctl.IommuMapDma, [], [], KernelResult.FailSilently(Errno.ENOMEM), locked: 4096, process: 2);
        Ioctl(statistics, VfioFileKind.Type1Container, VfioIoctl.IommuUnmapDma, [], [], KernelResult.Success, locked: 0);
        statistics.Dma(new PciAddress(0, 3, 0, 0), new Iova(0), 100, isWrite: false, isComplete: true);
        statistics.Dma(new PciAddress(0, 3, 0, 0), new Iova(0), 100, isWrite: true, isComplete: false);
        statistics.Interrupt(new PciAddress(0, 3, 0, 0), VfioPciIrqIndex.Msi, 1);
        string lines = string.Join('\n', statistics.Lines());
        Assert.Matches(@"\n  IOMMU_MAP_DMA +2 +1 +0\.0\n  IOMMU_UNMAP_DMA +1 +0 ", lines);
        Assert.Contains("DMA: 100 bytes read by devices (1 times), 0 bytes written (0 times), 1 faults", lines, StringComparison.Ordinal);
        Assert.Contains("interrupts: MSI 1", lines, StringComparison.Ordinal);
        Assert.EndsWith("locked memory at the peak: 4 pages of 4096 bytes", lines, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_ends_the_trace_with_one_message_and_nothing_else()
    {
        List<string> reports = [];
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full here");
        using TraceOutput output = TraceOutput.Create("/dev/full", reports.Add);
        output.WriteLine("one");
        output.WriteLine("two");
        Assert.StartsWith("the trace ends here: ", Assert.Single(reports), StringComparison.Ordinal);
    }

    private static string Text(Action<ITraceSink> play)
    {
        using StringWriter writer = new();
        using TraceOutput output = TraceOutput.To(writer, _ => Assert.Fail("the output failed"));
        play(new TextTrace(output));
        return writer.ToString();
    }

    private static string Json(bool isPerfetto, Action<ITraceSink> play)
    {
        using StringWriter writer = new();
        using TraceOutput output = TraceOutput.To(writer, _ => Assert.Fail("the output failed"));
        using (JsonTrace trace = new(output, isPerfetto)) play(trace);
        return writer.ToString();
    }

    private static void Ioctl(
        ITraceSink sink, VfioFileKind kind, uint request, byte[] before, byte[] after, KernelResult result,
        ulong argument = 0, string? file = null, string program = "me[1]", ulong locked = 0, int process = 1) => sink.Call(new TracedCall
        {
            Kind = TracedCallKind.Ioctl,
            Started = s_now,
            Ended = s_now,
            Program = program,
            Process = process,
            Thread = process,
            File = new NamedFile(kind, file ?? "device 0000:03:00.0"),
            Request = request,
            Argument = argument,
            Before = before,
            After = after,
            Result = result,
            LockedBytes = locked,
        });

    private sealed class NamedFile(VfioFileKind kind, string description) : HostFile
    {
        public override string Description => description;

        public override VfioFileKind Kind => kind;

        public override KernelResult Ioctl(Caller caller, uint request, ulong argument) => default;

        protected override void OnReleased()
        {
        }
    }
}
