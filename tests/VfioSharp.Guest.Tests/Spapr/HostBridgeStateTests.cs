// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Spapr;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Tests.Spapr;

public sealed class HostBridgeStateTests
{
    [Fact]
    public void State_read_back_is_what_was_written()
    {
        Random random = new(7);
        for (int round = 0; round < 200; round++)
        {
            HostBridgeState state = Random(random);
            Assert.True(HostBridgeState.TryRead(state.ToBytes(), state.Windows.Count, out HostBridgeState? read, out string problem), problem);
            Assert.Equal((state.Index, state.Levels), (read.Index, read.Levels));
            Assert.Equal(state.Messages, read.Messages);
            Assert.Equal(state.ToBytes(), read.ToBytes());
        }
    }

    [Fact]
    public void State_cut_off_anywhere_or_with_more_behind_it_is_refused()
    {
        byte[] bytes = Random(new Random(3)).ToBytes();
        for (int length = 0; length < bytes.Length; length++)
            Assert.False(HostBridgeState.TryRead(bytes.AsSpan(0, length), 2, out _, out _), $"{length} of {bytes.Length} bytes");
        Assert.False(HostBridgeState.TryRead([.. bytes, 0], 2, out _, out _));
    }

    [Fact]
    public void State_with_any_byte_changed_is_refused_or_reads_as_something_that_can_be_written()
    {
        byte[] bytes = Random(new Random(4)).ToBytes();
        Random random = new(5);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= (byte)random.Next(1, 256);
            if (HostBridgeState.TryRead(changed, 2, out HostBridgeState? read, out string problem)) Assert.Equal(changed, read.ToBytes());
            else Assert.NotEmpty(problem);
        }
    }

    [Fact]
    public void State_that_claims_a_huge_count_is_refused_without_room_being_made_for_it()
    {
        byte[] bytes = Random(new Random(6)).ToBytes();
        bytes.AsSpan(16 + 24, 8).Fill(0x7f);
        Assert.False(HostBridgeState.TryRead(bytes, 2, out _, out string problem));
        Assert.Contains("window 0", problem, StringComparison.Ordinal);
    }

    private static HostBridgeState Random(Random random) => new()
    {
        Index = random.Next(31),
        Levels = random.Next(16),
        Windows = [Window(random), Window(random)],
        Messages = [.. Enumerable.Range(1, random.Next(1, 6)).Select(device => new MessageGrant((uint)device << 11, random.Next(0x1300, 0x2000), random.Next(1, 9)))],
    };

    private static HostBridgeState.Window Window(Random random)
    {
        ulong pages = (ulong)random.Next(1, 4096);
        ulong[] indices = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => (ulong)random.NextInt64((long)pages)).Distinct().Order()];
        return new(12, new Iova((ulong)random.NextInt64()), pages, random.Next(2) == 1, [.. indices.Select(index => (index, (ulong)random.NextInt64(1, long.MaxValue)))]);
    }
}
