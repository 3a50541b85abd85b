// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Spapr;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Tests.Spapr;

/// <summary>Tables as a kernel has them that runs the guest: in memory, with what was attached.</summary>
internal sealed class FakeTceAcceleration : ITceAcceleration
{
    public bool ServesGroups { get; init; }

    public bool IsExhausted { get; set; }

    public List<Table> Tables { get; } = [];

    public Table Live => Tables.Single(table => !table.IsDisposed);

    public IAcceleratedTceTable? Create(uint liobn, int pageShift, Iova start, ulong pageCount)
    {
        if (IsExhausted) return null;
        Tables.Add(new Table(pageCount));
        return Tables[^1];
    }

    internal sealed class Table(ulong pages) : IAcceleratedTceTable
    {
        private readonly ulong[] _entries = new ulong[pages];

        public bool IsDisposed { get; private set; }

        public List<int> Groups { get; } = [];

        public ulong Read(ulong index) => IsDisposed ? 0 : _entries[index];

        public void Write(ulong index, ulong tce) => _entries[index] = tce;

        public bool AttachGroup(int group)
        {
            Groups.Add(group);
            return true;
        }

        public void Dispose() => IsDisposed = true;
    }
}
