// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Tests.Lspci;
using VfioSharp.Devices;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;

namespace VfioSharp.Cli.Tests.Snapshots;

public sealed class SnapshotTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vfio-snapshot").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Snapshot_of_a_server_is_a_machine_that_show_reads()
    {
        string machine = Snapshot(LspciSample.Path, out _);
        (int code, string output, string error) = Run("show", "0000:01:00.0", "--machine", machine);
        Assert.Equal(ExitCodes.Success, code);
        Assert.Empty(error);
        Assert.Contains("1b36:0010", output, StringComparison.Ordinal);
        Assert.Contains("BAR 4", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Reset_methods_follow_from_the_capabilities_and_the_bus()
    {
        MachineDescription machine = MachineFile.Load(Snapshot(LspciSample.Path, out _), DeviceCatalog.Default);
        Assert.Equal([PciResetMethod.Flr, PciResetMethod.Bus], machine.Devices[2].ResetMethods);
    }

    [Fact]
    public void Missing_configuration_bytes_are_told()
    {
        Snapshot(LspciSample.Path, out string notes);
        Assert.Contains("0000:00:00.0: only 64 configuration bytes", notes, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_that_the_machine_cannot_have_are_told()
    {
        string file = Path.Combine(_folder, "groups.txt");
        File.WriteAllText(file, LspciSample.Text.Replace("IOMMU group: 5", "IOMMU group: 4", StringComparison.Ordinal));
        Snapshot(file, out string notes);
        Assert.Contains("IOMMU group 4 (0000:00:00.0, 0000:00:02.0) is 2 groups in the machine", notes, StringComparison.Ordinal);
    }

    [Fact]
    public void Config_of_a_machine_comes_back_with_bytes_and_bars()
    {
        MachineDescription before = MachineChoice.Load("x86");
        (_, string config, _) = Run("show", "--config");
        string file = Path.Combine(_folder, "x86.txt");
        File.WriteAllText(file, WithRegions(config, before));
        MachineDescription after = MachineFile.Load(Snapshot(file, out _), DeviceCatalog.Default);
        Assert.Equal(before.Devices.Count, after.Devices.Count);
        Assert.All(before.Devices.Zip(after.Devices), pair =>
        {
            Assert.Equal(pair.First.Config.Span.TrimEnd((byte)0), pair.Second.Config.Span.TrimEnd((byte)0));
            Assert.Equal(pair.First.Bars.Where(IsPrinted).Select(Place), pair.Second.Bars.Select(Place));
        });
    }

    [Fact]
    public void Snapshot_of_no_lspci_output_is_refused_with_its_place()
    {
        string file = Path.Combine(_folder, "bad.txt");
        File.WriteAllText(file, "nonsense\n");
        (int code, _, string error) = Run("snapshot", file);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.StartsWith($"vfio: {file}:1: expected", error, StringComparison.Ordinal);
    }

    private static bool IsPrinted(PciBar bar) => bar.Index <= 6;

    private static (int Index, ulong Start, ulong Size, bool IsIo, bool IsWide) Place(PciBar bar) => (bar.Index, bar.Start, bar.Size, bar.IsIo, bar.Is64Bit);

    // As lspci -v prints them below the heading of each function.
    private static string WithRegions(string config, MachineDescription machine)
    {
        var text = new StringBuilder();
        foreach (string line in config.Split('\n'))
        {
            text.Append(line).Append('\n');
            DeviceDescription? device = machine.Devices.FirstOrDefault(device => line.StartsWith(device.Address.ToString()[5..] + " ", StringComparison.Ordinal));
            foreach (PciBar bar in device?.Bars.Where(IsPrinted) ?? []) text.Append(Region(bar)).Append('\n');
        }

        return text.ToString();
    }

    private static string Region(PciBar bar)
    {
        string size = bar.Size >= 1 << 20 ? $"{bar.Size >> 20}M" : bar.Size >= 1 << 10 ? $"{bar.Size >> 10}K" : $"{bar.Size}";
        string start = bar.Start.ToString("x8", CultureInfo.InvariantCulture);
        if (bar.Index == 6) return $"\tExpansion ROM at {start} [disabled] [size={size}]";
        return bar.IsIo
            ? $"\tRegion {bar.Index}: I/O ports at {start} [size={size}]"
            : $"\tRegion {bar.Index}: Memory at {start} ({(bar.Is64Bit ? "64" : "32")}-bit, {(bar.IsPrefetchable ? "" : "non-")}prefetchable) [size={size}]";
    }

    private string Snapshot(string file, out string notes)
    {
        string output = Path.Combine(_folder, "out.json");
        (int code, _, notes) = Run("snapshot", file, "--output", output);
        Assert.True(code == ExitCodes.Success, notes);
        return output;
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int code = VfioTool.Run(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
