// SPDX-License-Identifier: MIT
using VfioSharp.Host.Locking;
using VfioSharp.Host.VfioPci;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>Configuration space whose writes set nothing off.</summary>
internal sealed class NoConfigEffects : IConfigEffects
{
    public bool IsMsiEnabled => false;

    public bool HidesIntx => false;

    public bool HasVirtualFunctions => false;

    public int MsiQueueLimit => 0;

    public RankedLock CommandLock { get; } = new(LockRank.Intx);

    public void IntxDisableChanged(bool disabled)
    {
    }

    public void MemoryMoved(bool isAccessible)
    {
    }

    public void StateRestored()
    {
    }

    public void ResetFunction()
    {
    }
}
