// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Iommu.Spapr;

namespace VfioSharp.Host.Tests.Spapr;

public sealed class HostPhysicalMemoryTests
{
    private const ulong Tebibyte = 1UL << 40;

    [Fact]
    public void Placed_ranges_are_found_by_all_their_addresses_and_by_no_others()
    {
        // A step places so many bytes, or takes back one that stands.
        Gen<(ulong Length, int Which)> steps =
            from length in Gen.Elements(0ul, 0ul, 0ul, 0x1000ul, 0x1000ul, 0x10000ul, Tebibyte, Tebibyte + 0x1000, 3 * Tebibyte)
            from which in Gen.Choose(0, 99)
            select (length, which);
        Prop.ForAll(steps.ListOf().ToArbitrary(), sequence =>
        {
            var memory = new HostPhysicalMemory();
            var placed = new List<PinnedRange>();
            var freed = new List<ulong>();
            foreach ((ulong length, int which) in sequence)
            {
                if (length != 0)
                {
                    PinnedRange range = memory.TryPlace(new Blank(length))!;
                    if (range.Start < Tebibyte || range.Start % Tebibyte != 0) return false;
                    placed.Add(range);
                    freed.RemoveAll(address => address >= range.Start && address - range.Start < length);
                }
                else if (placed.Count != 0)
                {
                    PinnedRange range = placed[which % placed.Count];
                    placed.Remove(range);
                    memory.Remove(range);
                    freed.Add(range.Start);
                    freed.Add(range.Start + range.Memory.Length - 1);
                }

                if (memory.Count != placed.Count || memory.Find(0) is not null || memory.Find(ulong.MaxValue) is not null) return false;
                if (placed.Exists(range => memory.Find(range.Start) != range || memory.Find(range.Start + range.Memory.Length - 1) != range)) return false;
                if (freed.Exists(address => memory.Find(address) is not null && !placed.Contains(memory.Find(address)!))) return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Ranges_beyond_the_address_bus_are_not_placed()
    {
        var memory = new HostPhysicalMemory();
        Assert.Null(memory.TryPlace(new Blank(1UL << 58)));
        Assert.NotNull(memory.TryPlace(new Blank(1UL << 57)));
        Assert.Null(memory.TryPlace(new Blank(1UL << 57)));
        Assert.Equal(1, memory.Count);
    }

    [Fact]
    public void Addresses_given_back_are_given_again()
    {
        var memory = new HostPhysicalMemory();
        var seen = new HashSet<ulong>();
        for (int i = 0; i < 1000; i++)
        {
            PinnedRange range = memory.TryPlace(new Blank(0x1000))!;
            seen.Add(range.Start);
            range.Free();
        }

        Assert.Single(seen);
    }

    private sealed class Blank(ulong length) : IPinnedMemory
    {
        public ulong Length => length;

        public ulong AccountedLength => length;

        public bool Read(ulong offset, Span<byte> destination) => false;

        public bool Write(ulong offset, ReadOnlySpan<byte> source) => false;

        public void Dispose()
        {
        }
    }
}
