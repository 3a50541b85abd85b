// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Iommu;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>
/// Eight threads on one container, with its device's DMA and a second container of the same process beside.
/// VFIOSHARP_STRESS_SECONDS says for how long (2; the long form is 60).
/// </summary>
[Collection(nameof(Alone))]
public sealed class SpaprConcurrencyTests(ITestOutputHelper output)
{
    private const ulong Chunk = 0x10000;
    private const int Chunks = 16;
    private const ulong Tag = 0x5a5a_0000_0000_0000;
    private const ulong Dynamic = 0x0800_0000_0000_0000;

    [Theory]
    [InlineData(PowerMachine.PowerNv, Fidelity.Documented)]
    [InlineData(PowerMachine.Pseries, Fidelity.Documented)]
    [InlineData(PowerMachine.PowerNvSmallPages, Fidelity.Linux)]
    [InlineData(PowerMachine.PseriesSmallPages, Fidelity.Linux)]
    public void Eight_threads_and_DMA_leave_nothing_behind(string machine, Fidelity fidelity)
    {
        long tables = TceTable.LiveBytes, blocks = MemoryBacking.LiveBytes;
        using (var session = new SpaprSession(machine, fidelity: fidelity))
        {
            (int second, int secondGroup) = session.OpenPair("edu1");
            ulong memory = session.Anonymous(Chunks * Chunk);
            for (ulong i = 0; i < Chunks; i++)
            {
                for (ulong at = 0; at < Chunk; at += 8) session.Process.Store(memory + (i * Chunk) + at, 8, Tag | i);
            }

            long until = Stopwatch.GetTimestamp() + (Seconds * Stopwatch.Frequency);
            Exception? escaped = null;
            long calls = 0, transfers = 0;
            Thread Start(Action<Random> body, int index) => new(() =>
            {
                try
                {
                    var random = new Random(index);
                    while (Stopwatch.GetTimestamp() < until && Volatile.Read(ref escaped) is null) body(random);
                }
                catch (Exception problem)
                {
                    Interlocked.CompareExchange(ref escaped, problem, null);
                }
            })
            { IsBackground = true };

            var threads = new List<Thread>();
            for (int i = 0; i < 8; i++)
            {
                threads.Add(Start(random =>
                {
                    Call(session, random, random.Next(8) == 0 ? second : session.Container, memory);
                    Interlocked.Increment(ref calls);
                }, i));
            }

            // The second container's group leaves and comes, with calls on the container under way.
            threads.Add(Start(random =>
            {
                Assert.Equal(KernelResult.Success, session.Process.Ioctl(secondGroup, VfioIoctl.GroupUnsetContainer, 0));
                Assert.Equal(KernelResult.Success, session.SetContainer(secondGroup, second));
                Assert.Equal(KernelResult.Success, session.Process.Ioctl(second, VfioIoctl.SetIommu, VfioExtension.SpaprTceV2));
                Thread.Yield();
            }, 8));
            foreach (string alias in (string[])["edu0", "edu1"])
            {
                threads.Add(Start(random =>
                {
                    if (Transfer(session, random, alias)) Interlocked.Increment(ref transfers);
                }, 9));
            }

            foreach (Thread thread in threads) thread.Start();
            foreach (Thread thread in threads) Assert.True(thread.Join(TimeSpan.FromSeconds(Seconds + 120)), "the host is in a deadlock");
            Assert.Null(escaped);
            output.WriteLine($"{calls} calls, {transfers} transfers that found memory");
            Assert.True(calls > 100 && transfers > 0);

            // What is in the tables is what registrations count, whatever came in which order.
            long entries = new[] { "edu0", "edu1" }.Sum(alias => session.EndpointOf(alias).Tables.Sum(table => (long)(table?.Contents?.CountEntries(table.Entries) ?? 0)));
            Assert.Equal(entries, Held(session, memory));
            session.Close(session.Group);
            session.Close(secondGroup);
            Assert.Equal(0, Held(session, memory));
            if (fidelity == Fidelity.Documented) Assert.Equal((0, 0), (session.Caller.Locked.Pages, session.Caller.Registered.Count));
            session.Process.Dispose();
            Assert.Equal((0, 0), (session.Caller.Registered.Count, session.Platform.Memory.Count));
            if (fidelity == Fidelity.Documented) Assert.Equal(0, session.Caller.Locked.Pages);
        }

        Assert.Equal(tables, TceTable.LiveBytes);
        Assert.Equal(blocks, MemoryBacking.LiveBytes);
    }

    [Fact]
    public void A_call_that_comes_after_the_last_group_left_registers_nothing()
    {
        using var session = new SpaprSession(PowerMachine.Pseries);
        ulong memory = session.Anonymous(Chunk);
        IIommuDriver driver = session.Host.Functions.FindGroup(session.Platform.GroupOf(session.Function).Id)!.Owner!.Container!.Driver!;
        session.Close(session.Group);
        var argument = new VfioIommuSpaprRegisterMemory { Argsz = 24, Vaddr = memory, Size = Chunk };
        ulong place = session.Anonymous(4096);
        session.Process.Memory.TryWrite(place, System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<VfioIommuSpaprRegisterMemory>(ref argument)));
        Assert.Equal(Linux.Errno.EINVAL, driver.Ioctl(session.Caller, VfioIoctl.IommuSpaprRegisterMemory, place).Errno);
        Assert.Equal((0, 0), (session.Caller.Locked.Pages, session.Caller.Registered.Count));
    }

    [Theory]
    [InlineData(VfioExtension.SpaprTce)]
    [InlineData(VfioExtension.SpaprTceV2)]
    public void A_map_that_comes_between_the_last_groups_leaving_and_the_release_is_cleared(uint type)
    {
        using var session = new SpaprSession(PowerMachine.PowerNv, type);
        ulong memory = session.Ready(Chunk, isV2: type == VfioExtension.SpaprTceV2);
        Assert.Equal(KernelResult.Success, session.Unmap(0, Chunk));
        IommuGroup group = session.Host.Functions.FindGroup(session.Platform.GroupOf(session.Function).Id)!;
        group.Owner!.Container!.Driver!.DetachGroup(group);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, Chunk));
        session.Close(session.Group);
        Assert.Equal((0, 0, 0), (session.Platform.Memory.Count, session.Caller.Registered.Count, session.Caller.Locked.Pages));
    }

    private static long Seconds => int.TryParse(Environment.GetEnvironmentVariable("VFIOSHARP_STRESS_SECONDS"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : 2;

    private static void Call(SpaprSession session, Random random, int container, ulong memory)
    {
        ulong chunk = memory + ((ulong)random.Next(Chunks) * Chunk), iova = SomeIova(random);
        switch (random.Next(20))
        {
            case < 3:
                // Regions of two shapes, which overlap.
                session.Register(memory + ((ulong)random.Next(Chunks / 4) * 4 * Chunk), 4 * Chunk, container);
                break;
            case 3:
                session.Register(memory + (2 * Chunk), 4 * Chunk, container);
                break;
            case < 6:
                session.Unregister(memory + ((ulong)random.Next(Chunks / 4) * 4 * Chunk), 4 * Chunk, container);
                break;
            case 6:
                session.Unregister(memory + (2 * Chunk), 4 * Chunk, container);
                break;
            case < 13:
                session.Map(chunk, iova, (ulong)random.Next(1, 4) * Chunk, (uint)random.Next(1, 4), container);
                break;
            case < 17:
                session.Unmap(iova, (ulong)random.Next(1, 8) * Chunk, container);
                break;
            case 17 when random.Next(4) == 0:
                session.Create(session.Page == 4096 ? 12u : 16u, 1UL << 30, 1, out _, container);
                break;
            case 18 when random.Next(16) == 0:
                session.Remove(random.Next(2) == 0 ? 0 : Dynamic, container);
                break;
            case 19:
                var info = new VfioIommuSpaprTceInfo { Argsz = 32 };
                session.Ioctl(container, VfioIoctl.IommuSpaprTceGetInfo, ref info);
                break;
        }
    }

    // A device reads: nothing, or bytes of a chunk as the process wrote them.
    private static bool Transfer(SpaprSession session, Random random, string alias)
    {
        Span<byte> bytes = stackalloc byte[64];
        bool found = session.FunctionOf(alias).Dma!.Read(new Iova(SomeIova(random) + ((ulong)random.Next(512) * 64)), bytes);
        if (!found) return false;
        for (int i = 0; i < bytes.Length; i += 8)
        {
            ulong value = BitConverter.ToUInt64(bytes[i..]);
            Assert.True((value & 0xffff_ffff_ffff_ff00) == Tag && (value & 0xff) < Chunks, $"DMA read 0x{value:x}");
        }

        return true;
    }

    private static ulong SomeIova(Random random) => (random.Next(3) == 0 ? Dynamic : 0) + ((ulong)random.Next(32) * Chunk);

    private static long Held(SpaprSession session, ulong memory)
    {
        var regions = new HashSet<RegisteredMemory>();
        for (ulong i = 0; i < Chunks; i++)
        {
            if (session.Caller.Registered.Lookup(memory + (i * Chunk), 1) is { } region) regions.Add(region);
        }

        return regions.Sum(region => region.Entries);
    }
}
