// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
using VfioSharp.Host;
using VfioSharp.Supervisor;

namespace VfioSharp.EndToEnd.Tests;

/// <summary>
/// QEMU killed by SIGKILL at random moments, with a device assigned: from its first instruction to firmware, or Linux, that
/// runs. Twenty times in the short form, two hundred and fifty in the full one.
/// </summary>
public sealed class KillTests
{
    private const int KilledCode = 137;
    private const int SignalKill = 9;
    private const int LongestLifeMilliseconds = 1500;
    private const int LongestBootMilliseconds = 6000;
    private const int GuestEvery = 8;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>The host's machine, the guest and the device; how often.</summary>
    public static TheoryData<string, string, string, int> Machines => GuestImage.IsFull
        ? new() { { "x86", "x86", "0000:03:00.0", 100 }, { "powernv", "ppc64-4k", "0001:00:01.0", 50 }, { "pseries", "ppc64-4k", "0001:00:01.0", 50 } }
        : new() { { "x86", "x86", "0000:03:00.0", 9 }, { "pseries", "ppc64-4k", "0001:00:01.0", 3 } };

    [Theory]
    [MemberData(nameof(Machines))]
    public void Killed_qemu_leaves_nothing_in_the_host_that_serves_the_next(string machine, string guest, string device, int times)
    {
        GuestImage image = Find(guest);
        using SoftwareHost host = TestHost.Start(machine);
        string windows = DescribeWindows(host);
        Random random = new(1);

        // What the first ones leave is the runtime's own.
        Kill(host, image, device, random, 0);
        List<string> before = Holdings(Environment.ProcessId);
        for (int time = 1; time <= times; time++)
        {
            Kill(host, image, device, random, time);
            Assert.All(host.ListGroupUses(), group => Assert.Null(group.OpenedBy));
            Assert.All(host.ListGroupUses().SelectMany(group => group.Devices), use => Assert.Equal(0, use.OpenFiles));
            Assert.Equal(windows, DescribeWindows(host));
        }

        Assert.Equal(before, Holdings(Environment.ProcessId));
        using Guest last = new(image, host, "-device", $"vfio-pci,id=edu,host={device},addr=5");
        last.Write("dma", "4096");
        Assert.StartsWith("same ", last.Read("dma"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_qemu_or_client_leaves_nothing_in_a_shared_host(bool killsClient)
    {
        GuestImage image = Find("x86");
        int times = GuestImage.IsFull ? 25 : 3;
        string folder = Directory.CreateTempSubdirectory("vfiosharp-kill-").FullName;
        string mark = "VFIOSHARP_MARK=" + Guid.NewGuid().ToString("n");
        using Process host = Start(folder, mark, "host", "start");
        try
        {
            Assert.NotNull(host.StandardOutput.ReadLine());
            Random random = new(1);
            List<string> before = [];
            for (int time = 0; time <= times; time++)
            {
                int life = random.Next(LongestLifeMilliseconds);
                // The shell kills QEMU and lives on; or nobody does, but the client that asked for both dies.
                string script = killsClient ? "exec \"$@\"" : "t=$1; shift; \"$@\" & sleep $t; kill -9 $!; wait $!";
                string[] wait = killsClient ? [] : [string.Create(CultureInfo.InvariantCulture, $"{life / 1000}.{life % 1000:000}")];
                using Process client = Start(folder, mark, ["run", "--host", "default", "--", "sh", "-c", script, "sh", .. wait, .. Command(image, "0000:03:00.0", time)]);
                Task<string> said = client.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
                if (killsClient)
                {
                    Thread.Sleep(life);
                    client.Kill();
                }

                await client.WaitForExitAsync(TestContext.Current.CancellationToken);
                string errors = await said;
                Assert.True(client.ExitCode == KilledCode, $"run {time} ended with {client.ExitCode}: {errors}");
                Assert.True(SpinWait.SpinUntil(() => Marked(mark).SequenceEqual(["vfio"]), s_patience), $"run {time} left {string.Join(", ", Marked(mark))}");
                Assert.True(SpinWait.SpinUntil(() => IsUnused(folder, mark), s_patience), $"run {time} left {Status(folder, mark)}");
                if (time == 0) before = Holdings(host.Id);
            }

            Assert.True(SpinWait.SpinUntil(() => Holdings(host.Id).SequenceEqual(before), s_patience), string.Join('\n', Holdings(host.Id).Except(before)));
        }
        finally
        {
            host.Kill();
            await host.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static GuestImage Find(string name)
    {
        GuestImage image = name == "x86" ? GuestImage.X86 : GuestImage.Power4K;
        image.Require();
        return image;
    }

    private static void Kill(SoftwareHost host, GuestImage image, string device, Random random, int time)
    {
        int life = random.Next(time % GuestEvery == 0 ? LongestBootMilliseconds : LongestLifeMilliseconds);
        string folder = Directory.CreateTempSubdirectory("vfiosharp-kill-").FullName;
        string outputFile = Path.Combine(folder, "output");
        using (SafeFileHandle output = File.OpenHandle(outputFile, FileMode.Create, FileAccess.Write, FileShare.ReadWrite))
        {
            int process = 0;
            Timer? killer = null;
            int code = ProgramSupervisor.Run(host, Command(image, device, time), new RunOptions
            {
                Output = output,
                Error = output,
                Started = program =>
                {
                    process = program.Id;
                    killer = new Timer(_ => program.Signal(SignalKill), null, life, Timeout.Infinite);
                },
            });
            killer?.Dispose();
            Assert.True(code == KilledCode, $"kill {time}: QEMU ended with {code}: {File.ReadAllText(outputFile)}");
            Assert.False(Directory.Exists($"/proc/{process}"), $"kill {time}: process {process} is left");
        }

        Directory.Delete(folder, recursive: true);
    }

    // Every other one has its memory in a file, which DMA goes to directly; every eighth has Linux in it.
    private static string[] Command(GuestImage image, string device, int time)
    {
        string[] memory = time % 2 == 0 ? [] : ["-object", "memory-backend-memfd,id=ram,size=256M,share=on", "-machine", "memory-backend=ram"];
        string[] linux = time % GuestEvery == 0 ? ["-kernel", image.Kernel, "-initrd", image.InitialRam, "-append", "quiet"] : [];
        string[] machine = image == GuestImage.X86 ? ["-M", "pc"] : ["-M", "pseries", "-vga", "none"];
        return
        [
            image.Emulator, "-accel", "tcg", "-m", "256M", "-display", "none", "-nic", "none", "-monitor", "none", "-serial", "none",
            .. machine, .. memory, .. linux, "-device", $"vfio-pci,host={device}",
        ];
    }

    private static string DescribeWindows(SoftwareHost host) =>
        string.Join('\n', host.ListWindows().Select(endpoint => $"{string.Join(',', endpoint.Functions)} {endpoint.Owner} {string.Join(',', endpoint.Windows)}"));

    // What a process holds of programs it serves: descriptors of them and their events, their memory.
    private static List<string> Holdings(int process)
    {
        List<string> found = [];
        foreach (string descriptor in Directory.GetFiles($"/proc/{process}/fd"))
        {
            string? target = new FileInfo(descriptor).LinkTarget;
            if (target is null || target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("pipe:", StringComparison.Ordinal)) continue;
            if (target.StartsWith("anon_inode:", StringComparison.Ordinal) || target.Contains("memfd:", StringComparison.Ordinal)) found.Add(target);
        }

        found.AddRange(File.ReadLines($"/proc/{process}/maps").Where(line => line.Contains("memfd:", StringComparison.Ordinal) && !line.Contains("doublemapper", StringComparison.Ordinal)));
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static Process Start(string folder, string mark, params string[] arguments) => Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "vfio"), arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["XDG_RUNTIME_DIR"] = folder, [mark.Split('=')[0]] = mark.Split('=')[1] },
    })!;

    private static string Status(string folder, string mark)
    {
        using Process status = Start(folder, mark, "host", "status", "--json");
        string text = status.StandardOutput.ReadToEnd();
        status.WaitForExit();
        return text;
    }

    private static bool IsUnused(string folder, string mark)
    {
        JsonNode status = JsonNode.Parse(Status(folder, mark))!;
        return status["programs"]!.AsArray().Count == 0 &&
            status["groups"]!.AsArray().All(group => group!["openedBy"] is null && group["devices"]!.AsArray().All(device => (int)device!["openFiles"]! == 0));
    }

    // Processes of this test, known by an environment that all inherit.
    private static List<string> Marked(string mark)
    {
        List<string> found = [];
        foreach (string process in Directory.GetDirectories("/proc").Where(name => char.IsAsciiDigit(name[^1])))
        {
            try
            {
                if (File.ReadAllText(process + "/environ").Contains(mark, StringComparison.Ordinal)) found.Add(File.ReadAllText(process + "/comm").Trim());
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Gone meanwhile, or another user's.
            }
        }

        return found;
    }
}
