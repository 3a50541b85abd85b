// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Devices;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.Fuzz;

/// <summary>
/// The fuzz run. VFIOSHARP_FUZZ_CALLS sets its length (the long form is 1000000), VFIOSHARP_FUZZ_SEED repeats one.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const long ShortRun = 40_000;

    [Theory]
    [InlineData("x86")]
    [InlineData("powernv9-4k")]
    [InlineData("pseries-4k")]
    public void Random_calls_escape_nothing_and_leak_nothing(string machine)
    {
        long calls = Setting("VFIOSHARP_FUZZ_CALLS") ?? ShortRun;
        int seed = (int)(Setting("VFIOSHARP_FUZZ_SEED") ?? Random.Shared.Next());
        Say($"fuzz: seed {seed}, {calls} ioctls (VFIOSHARP_FUZZ_SEED={seed} repeats it)");
        long liveBefore = MemoryBacking.LiveBytes, tablesBefore = TceTable.LiveBytes;
        var fuzzer = new HostFuzzer(Load(machine), seed);
        fuzzer.Run(calls);
        Assert.True(fuzzer.WellFormed * 2 >= fuzzer.Ioctls, $"only {fuzzer.WellFormed} of {fuzzer.Ioctls} calls were well formed");
        Report(fuzzer);

        AssertNothingIsLeft(fuzzer.Host, fuzzer.Processes);
        fuzzer.Dispose();
        Assert.Equal(liveBefore, MemoryBacking.LiveBytes);
        Assert.Equal(tablesBefore, TceTable.LiveBytes);
    }

    [Theory]
    [InlineData("x86")]
    [InlineData("powernv9-4k")]
    [InlineData("pseries-4k")]
    public void Threads_that_call_at_random_escape_nothing_and_leak_nothing(string machine)
    {
        const int Threads = 4;
        long calls = (Setting("VFIOSHARP_FUZZ_CALLS") ?? ShortRun) / Threads;
        int seed = (int)(Setting("VFIOSHARP_FUZZ_SEED") ?? Random.Shared.Next());
        Say($"fuzz: {Threads} threads, first seed {seed}, {calls} ioctls each");
        long liveBefore = MemoryBacking.LiveBytes;
        using var host = new SoftwareHost(Load(machine), machine == "x86" ? Fidelity.Linux : Fidelity.Documented);
        HostFuzzer[] fuzzers = [.. Enumerable.Range(0, Threads).Select(i => new HostFuzzer(host, unchecked(seed + i)))];
        Exception? escaped = null;
        Thread[] threads = [.. fuzzers.Select(fuzzer => new Thread(() =>
        {
            try
            {
                fuzzer.Run(calls);
            }
            catch (Exception problem)
            {
                Interlocked.CompareExchange(ref escaped, problem, null);
            }
        }) { IsBackground = true })];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) Assert.True(thread.Join(TimeSpan.FromMinutes(5)), "the host is in a deadlock");
        Assert.Null(escaped);
        AssertNothingIsLeft(host, fuzzers.SelectMany(fuzzer => fuzzer.Processes));
        Assert.Equal(liveBefore, MemoryBacking.LiveBytes);
    }

    private static MachinePlatform Load(string machine) =>
        MachinePlatform.Create(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, machine + ".json")), DeviceCatalog.Default);

    private static void AssertNothingIsLeft(SoftwareHost host, IEnumerable<SoftwareProcess> all)
    {
        SoftwareProcess[] processes = [.. all];
        foreach (SoftwareProcess process in processes) process.Dispose();
        foreach (SoftwareProcess process in processes)
        {
            Assert.Equal(0, process.OpenDescriptors);
            Assert.Equal(0, process.Caller.Registered.Count);

            // A creation of a window that failed keeps its charge, where Linux is copied.
            if (host.Platform is not PowerPlatform || host.Fidelity == Fidelity.Documented) Assert.Equal(0, process.Caller.Locked.Pages);
        }

        if (host.Platform is PowerPlatform power) Assert.Equal(0, power.Memory.Count);

        // Every group that has a node can be opened again: nobody holds it.
        using SoftwareProcess after = host.CreateProcess("after");
        foreach (string node in host.NodeNames()) Assert.True(after.Open("/dev/vfio/" + node, OpenMode.ReadWrite).IsSuccess, node);
    }

    private void Report(HostFuzzer fuzzer)
    {
        IReadOnlyList<Refusal> catalog = RefusalCatalog.Read();
        var reached = new Dictionary<string, long>();
        foreach (((Linux.Errno errno, _), (long count, string example)) in fuzzer.Refusals)
        {
            foreach (Refusal refusal in catalog.Where(r => r.Pattern.IsMatch(example) && (r.Errno == errno.ToString() || char.IsLower(r.Errno[0])))) reached[refusal.Place] = reached.GetValueOrDefault(refusal.Place) + count;
        }

        foreach ((string place, long count) in reached.OrderByDescending(pair => pair.Value)) Say($"{count,10} {place} {catalog.First(r => r.Place == place).Errno}");
        string[] never = [.. catalog.Where(refusal => !reached.ContainsKey(refusal.Place)).Select(refusal => $"{refusal.Place} {refusal.Errno}: {refusal.Text}").Distinct()];
        Say($"never reached ({never.Length}):");
        foreach (string refusal in never) Say("  " + refusal);
        Say($"fuzz: {fuzzer.Ioctls} ioctls, {fuzzer.WellFormed} well formed; {reached.Count} of {reached.Count + never.Length} refusals reached");
    }

    private void Say(string line) => output.WriteLine(line);

    private static long? Setting(string name) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : null;
}
