// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Host.Tests;

/// <summary>A small machine: functions without registers, one group each unless told otherwise.</summary>
internal sealed class TestPlatform : HostPlatform
{
    private readonly List<PciFunction> _functions = [];
    private readonly List<PlatformGroup> _groups = [];

    public TestPlatform(params int[] membersPerGroup)
    {
        byte bus = 1;
        foreach (int count in membersPerGroup)
        {
            PciFunction[] members = [.. Enumerable.Range(0, count).Select(i => new BareFunction(new PciAddress(0, bus, 0, (byte)i)))];
            AddGroup(members, [new ReservedRange(new Iova(0xfee00000), new Iova(0xfeefffff), "msi")], 0xffff_ffff_ffff);
            bus++;
        }
    }

    public override string Name => "test";

    public override int PageSize => 4096;

    public override uint DmaEntryLimit => EntryLimit;

    public uint EntryLimit { get; init; } = 65535;

    public override string? InitialDriver(PciFunction function) => "vfio-pci";

    public void AddGroup(IReadOnlyList<PciFunction> members, IReadOnlyList<ReservedRange> reserved, ulong last, ulong first = 0)
    {
        _functions.AddRange(members);
        _groups.Add(new PlatformGroup(_groups.Count + 1, members, reserved, 0x40201000, new Iova(first), new Iova(last)));
        Populate([.. _functions], _ => [.. _groups]);
    }

    protected override PlatformGroup PlaceNew(PciFunction function, PciTopology topology) =>
        new(FreeGroupNumber(), [function], [], 0x40201000, new Iova(0), new Iova(ulong.MaxValue));

    internal sealed class BareFunction(PciAddress address) : PciFunction
    {
        private readonly PciBar[] _bars = [.. Enumerable.Range(0, 7).Select(i => new PciBar(i, 0, 0, 0))];

        public override PciAddress Address => address;

        public override string? Alias => null;

        public override int ConfigSize => 256;

        public override IReadOnlyList<PciBar> Bars => _bars;

        public override IReadOnlyList<PciResetMethod> ResetMethods => [];

        public override uint ReadConfig(int offset, int width) => 0;

        public override void WriteConfig(int offset, int width, uint value)
        {
        }

        public override ulong ReadBar(int bar, ulong offset, int width) => 0;

        public override void WriteBar(int bar, ulong offset, int width, ulong value)
        {
        }

        public override void Reset(PciResetMethod method)
        {
        }
    }
}
