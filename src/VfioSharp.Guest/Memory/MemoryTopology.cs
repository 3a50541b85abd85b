// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Memory;

/// <summary>
/// All regions and address spaces of a virtual machine. What changes in them takes effect, and listeners hear of it,
/// at the end of a transaction: <c>using (topology.Change()) { … }</c>. A change outside of one is one of its own.
/// </summary>
/// <remarks>
/// Changes come one at a time, under the machine's own lock. Address spaces are read by any thread meanwhile: each
/// access sees the view before or after a transaction, never one between.
/// </remarks>
public sealed class MemoryTopology
{
    private readonly List<GuestAddressSpace> _spaces = [];
    private int _depth;
    private bool _changed;
    private bool _committing;

    /// <summary>Begins a transaction, which ends when the answer is disposed. They may be nested: the outermost counts.</summary>
    public Transaction Change()
    {
        _depth++;
        return new Transaction(this);
    }

    internal void Add(GuestAddressSpace space) => _spaces.Add(space);

    internal void Remove(GuestAddressSpace space) => _spaces.Remove(space);

    /// <summary>A region is not what it was.</summary>
    internal void MarkChanged()
    {
        _changed = true;
        if (_depth == 0) Commit();
    }

    private void End()
    {
        if (--_depth == 0) Commit();
    }

    /// <summary>
    /// All views are replaced before any listener is told, so that one which translates through another space finds
    /// that as it is now. What went is told of the last space first, what came of the first space first: who follows an
    /// IOMMU's windows hears of memory as long as something may lead to it. A listener may change the topology: that is
    /// a further round.
    /// </summary>
    private void Commit()
    {
        if (_committing) return;
        _committing = true;
        try
        {
            while (_changed)
            {
                _changed = false;
                GuestAddressSpace[] spaces = [.. _spaces];
                foreach (GuestAddressSpace space in spaces) space.Render();
                for (int i = spaces.Length - 1; i >= 0; i--) spaces[i].TellGone();
                foreach (GuestAddressSpace space in spaces) space.TellCome();
            }
        }
        finally
        {
            _committing = false;
        }
    }

    /// <summary>A transaction. Disposing ends it; once is enough.</summary>
    public sealed class Transaction : IDisposable
    {
        private MemoryTopology? _topology;

        internal Transaction(MemoryTopology topology) => _topology = topology;

        /// <summary>Ends it: if it is the outermost, its changes take effect.</summary>
        public void Dispose()
        {
            MemoryTopology? topology = _topology;
            _topology = null;
            topology?.End();
        }
    }
}
