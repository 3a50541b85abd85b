// SPDX-License-Identifier: MIT
using System.CommandLine;
using System.IO.Compression;
using System.Text;
using VfioSharp.Cli.GuestTraces;

namespace VfioSharp.Cli.Commands;

/// <summary><c>vfio guest-trace FILE</c>: a recorded guest's hypercalls against our host bridge.</summary>
internal static class GuestTraceCommand
{
    private const int MostShown = 20;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> files = new("FILE") { Description = "Trace of QEMU's spapr_iommu_* and spapr_pci_* events; .gz is unpacked.", Arity = ArgumentArity.OneOrMore };
        Command command = new("guest-trace", "Play a pseries guest's recorded hypercalls against our host bridge, and compare every answer.") { files };
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            bool allSame = true;
            string[] names = parsed.GetRequiredValue(files);
            foreach (string file in names)
            {
                GuestTraceResult result = Play(file);
                foreach (string difference in result.Differences.Take(MostShown)) output.WriteLine(difference);
                if (result.Differences.Count > MostShown) output.WriteLine($"and {result.Differences.Count - MostShown} more");
                output.WriteLine(names.Length == 1 ? result.Summary() : $"{file}: {result.Summary()}");
                allSame &= result.Differences.Count == 0 && result.Checked.Count != 0;
            }

            return allSame ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static GuestTraceResult Play(string file)
    {
        try
        {
            using Stream raw = File.OpenRead(file);
            using Stream text = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
            using StreamReader reader = new(text, Encoding.UTF8);
            using GuestTracePlayer player = new();
            return player.Play(Lines(reader));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CommandFailure(ExitCodes.Usage, $"{file} cannot be read: {error.Message}", "Name a trace file as QEMU writes it (-trace 'spapr_*'), or one packed with gzip.");
        }
    }

    private static IEnumerable<string> Lines(StreamReader reader)
    {
        while (reader.ReadLine() is { } line) yield return line;
    }
}
