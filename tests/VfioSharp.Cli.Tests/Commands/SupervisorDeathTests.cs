// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using VfioSharp.Cli.Tests.Conformance;

namespace VfioSharp.Cli.Tests.Commands;

/// <summary>Supervisors that are killed at random moments leave no process and no file. VFIOSHARP_KILLS says how many; 50 in the long form.</summary>
[Collection(nameof(ThroughRunTests))]
public sealed class SupervisorDeathTests
{
    private const int Kills = 5;
    private const int LongestLifeMilliseconds = 1200;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_supervisor_killed_at_any_moment_leaves_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "vfio run needs x86-64 Linux");
        int kills = int.TryParse(Environment.GetEnvironmentVariable("VFIOSHARP_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int asked) ? asked : Kills;
        Random random = new(1);
        for (int i = 0; i < kills; i++)
        {
            // Recognised by its environment, which all that the run starts inherits.
            string mark = "VFIOSHARP_MARK=" + Guid.NewGuid().ToString("n");
            string tool = Path.Combine(AppContext.BaseDirectory, "vfio");
            using Process vfio = Process.Start(
                "env",
                [mark, "sh", "-c", "exec \"$0\" run -- sh -c 'while :; do ls -R /sys/bus/pci/devices/ /dev/vfio; done' > /dev/null 2>&1", tool]);
            Thread.Sleep(random.Next(LongestLifeMilliseconds));
            vfio.Kill();
            int id = vfio.Id;
            Assert.True(SpinWait.SpinUntil(() => Marked(mark).Count == 0, s_patience), $"kill {i}: left {string.Join(", ", Marked(mark))}");
            Assert.True(SpinWait.SpinUntil(() => Folders(id).Length == 0, s_patience), $"kill {i}: left {string.Join(", ", Folders(id))}");
        }
    }

    private static List<string> Marked(string mark)
    {
        List<string> found = [];
        foreach (string process in Directory.GetDirectories("/proc").Where(name => char.IsAsciiDigit(name[^1])))
        {
            try
            {
                if (File.ReadAllText(process + "/environ").Contains(mark, StringComparison.Ordinal)) found.Add(process + " " + File.ReadAllText(process + "/comm").Trim());
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Gone meanwhile, or another user's.
            }
        }

        return found;
    }

    private static string[] Folders(int supervisor) => Directory.Exists("/dev/shm") ? Directory.GetDirectories("/dev/shm", $"vfio-run-{supervisor}-*") : [];
}
