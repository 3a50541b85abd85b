// SPDX-License-Identifier: MIT
using VfioSharp.Devices;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.Fuzz;

/// <summary>The fuzz run over all that a process can call; <see cref="FuzzSettings"/> says how long.</summary>
[Collection(nameof(Alone))]
public sealed class FuzzTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("x86")]
    [InlineData("powernv9-4k")]
    [InlineData("pseries-4k")]
    public void Random_calls_escape_nothing_and_leak_nothing(string machine)
    {
        long calls = FuzzSettings.Calls;
        int seed = FuzzSettings.Seed();
        Say($"fuzz: seed {seed}, {calls} ioctls (VFIOSHARP_FUZZ_SEED={seed} repeats it)");
        long liveBefore = MemoryBacking.LiveBytes, tablesBefore = TceTable.LiveBytes;
        var fuzzer = new HostFuzzer(Load(machine), seed);
        fuzzer.Run(calls);
        Report(fuzzer);
        Assert.True(fuzzer.WellFormed * 2 >= fuzzer.Ioctls, $"only {fuzzer.WellFormed} of {fuzzer.Ioctls} calls were well formed");

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
        long calls = FuzzSettings.Calls / Threads;
        int seed = FuzzSettings.Seed();
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
        fuzzer.Refusals.Report(Say);
        Say($"fuzz: {fuzzer.Ioctls} ioctls, {fuzzer.WellFormed} well formed");
    }

    private void Say(string line) => output.WriteLine(line);
}
