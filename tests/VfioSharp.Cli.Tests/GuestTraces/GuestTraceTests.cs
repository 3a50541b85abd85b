// SPDX-License-Identifier: MIT
using System.IO.Compression;
using VfioSharp.Cli.GuestTraces;
using VfioSharp.Cli.Tests.Conformance;

namespace VfioSharp.Cli.Tests.GuestTraces;

public sealed class GuestTraceTests
{
    [Theory]
    [InlineData("pseries-linux-7.2-ddw", 524)]
    [InlineData("pseries-linux-7.2-noddw", 2062)]
    public void A_recorded_guest_is_answered_as_QEMU_did(string name, int translations)
    {
        GuestTraceResult result = Play(Lines(name));
        Assert.Empty(result.Differences);
        Assert.Empty(result.Ignored);
        Assert.Equal(translations, result.Checked["spapr_iommu_xlate"]);
    }

    [Fact]
    public void A_changed_answer_is_found()
    {
        Random random = new(1);
        string[] lines = [.. Lines("pseries-linux-7.2-noddw")];
        int[] checkedLines = [.. Enumerable.Range(0, lines.Length).Where(i => lines[i].Contains(" -> ", StringComparison.Ordinal) || lines[i].Contains("IRQ", StringComparison.Ordinal))];
        for (int i = 0; i < 100; i++)
        {
            string[] changed = [.. lines];
            int line = checkedLines[random.Next(checkedLines.Length)];
            changed[line] = changed[line].Contains(" -> ", StringComparison.Ordinal)
                ? changed[line].Replace("-> 0x", "-> 0x7", StringComparison.Ordinal)
                : changed[line][..^1] + (char)('0' + ((changed[line][^1] - '0' + 1) % 10));
            Assert.NotEmpty(Play(changed).Differences);
        }
    }

    [Fact]
    public void Lines_of_any_shape_are_ignored_or_compared_but_never_stop_it()
    {
        Random random = new(2);
        string[] lines = [.. Lines("pseries-linux-7.2-ddw").Distinct().Take(800)];
        for (int round = 0; round < 50; round++)
        {
            IEnumerable<string> broken = lines.Select(line =>
            {
                char[] text = line.ToCharArray();
                for (int i = random.Next(3); i > 0; i--) text[random.Next(text.Length)] = (char)random.Next(32, 127);
                return new string(text);
            });
            GuestTraceResult result = Play(broken.OrderBy(_ => random.Next()));
            Assert.NotEmpty(result.Checked);
        }
    }

    [Fact]
    public void Other_events_are_counted_by_their_names_and_what_is_no_event_is_not_repeated()
    {
        GuestTraceResult result = Play(["spapr_iommu_pre_save 0x1 2 3", "12@3.4:qemu_other a", "qemu_other b", "", "\u001b[31mred text", "two words"]);
        Assert.Equal([("no event", 2), ("qemu_other", 2), ("spapr_iommu_pre_save", 1), ("two", 1)], result.Ignored.Select(entry => (entry.Key, entry.Value)));
    }

    [Fact]
    public void Bridge_that_no_machine_has_differs_and_stops_nothing()
    {
        GuestTraceResult result = Play(["spapr_iommu_new_table liobn=0xffffff00 table=0x1 fd=-1", "spapr_iommu_pci_put liobn=0xffffff00 ioba=0x0 tce=0x3 ret=0"]);
        Assert.Equal(2, result.Differences.Count);
    }

    private static IEnumerable<string> Lines(string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(RecordedAnswers.Folder, "guest", name + ".trace.gz"));
        using StreamReader reader = new(new GZipStream(file, CompressionMode.Decompress));
        while (reader.ReadLine() is { } line) yield return line;
    }

    private static GuestTraceResult Play(IEnumerable<string> lines)
    {
        using GuestTracePlayer player = new();
        return player.Play(lines);
    }
}
