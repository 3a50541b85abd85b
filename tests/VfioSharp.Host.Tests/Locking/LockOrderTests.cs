// SPDX-License-Identifier: MIT
using VfioSharp.Host.Locking;

namespace VfioSharp.Host.Tests.Locking;

public sealed class LockOrderTests
{
    [Fact]
    public void Order_is_watched_in_all_tests()
    {
        Assert.True(LockOrder.IsChecked);
    }

    [Fact]
    public void Inversion_throws_and_names_both_ranks()
    {
        var outer = new RankedLock(LockRank.GroupRegistry);
        var inner = new RankedLock(LockRank.Intx);
        using (inner.EnterScope())
        {
            LockOrderException thrown = Assert.Throws<LockOrderException>(outer.Enter);
            Assert.Contains("rank GroupRegistry is taken under one of rank Intx", thrown.Message, StringComparison.Ordinal);
            Assert.False(outer.IsHeldByCurrentThread);
        }

        Assert.Equal(0, LockOrder.Held);
    }

    [Fact]
    public void Inversion_across_a_lock_between_them_throws()
    {
        var first = new RankedLock(LockRank.VirtualConfig);
        var outermost = new RankedLock(LockRank.Eeh);
        var again = new RankedLock(LockRank.Domain);
        using (first.EnterScope())
        using (outermost.EnterScope())
        {
            Assert.Throws<LockOrderException>(again.Enter);
        }
    }

    [Fact]
    public void Locks_in_order_are_taken_and_let_go()
    {
        var outer = new RankedLock(LockRank.GroupRegistry);
        var inner = new RankedLock(LockRank.Intx);
        using (outer.EnterScope())
        using (inner.EnterScope())
        {
            Assert.Equal(2, LockOrder.Held);
        }

        Assert.Equal(0, LockOrder.Held);
    }

    [Fact]
    public void Lock_that_is_held_may_be_taken_again_under_later_ones()
    {
        var outer = new RankedLock(LockRank.VirtualConfig);
        var inner = new RankedLock(LockRank.Intx);
        using (outer.EnterScope())
        using (inner.EnterScope())
        using (outer.EnterScope())
        {
            Assert.Equal(3, LockOrder.Held);
        }
    }

    [Theory]
    [InlineData(LockRank.Leaf)]
    [InlineData(LockRank.VirtualConfig)]
    [InlineData(LockRank.MemoryGate)]
    [InlineData(LockRank.Intx)]
    public void Two_of_one_rank_throw(LockRank rank)
    {
        var one = new RankedLock(rank);
        var other = new RankedLock(rank);
        using (one.EnterScope())
        {
            Assert.Throws<LockOrderException>(other.Enter);
        }
    }

    [Theory]
    [InlineData(LockRank.MemoryGate, true)]
    [InlineData(LockRank.Intx, true)]
    [InlineData(LockRank.VirtualConfig, false)]
    public void Several_devices_are_stopped_under_the_registry_only_by_gates_and_commands(LockRank rank, bool allowed)
    {
        var registry = new RankedLock(LockRank.GroupRegistry);
        var one = new RankedLock(rank);
        var other = new RankedLock(rank);
        using (registry.EnterScope())
        using (one.EnterScope())
        {
            if (!allowed)
            {
                Assert.Throws<LockOrderException>(other.Enter);
                return;
            }

            other.Enter();
            other.Exit();
        }

        Assert.Equal(0, LockOrder.Held);
    }
}
