// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp.Tests;

public sealed class InfoTests
{
    /// <summary>The answer of a real Linux 7.2 with VT-d (tests/conformance, set-iommu-errors line 24).</summary>
    private static byte[] RecordedInfo()
    {
        byte[] answer = new byte[0x78];
        MemoryMarshal.Write(answer, new VfioIommuType1Info
        {
            Flags = VfioIommuInfoFlags.Pgsizes | VfioIommuInfoFlags.Caps,
            IovaPgsizes = 0x40201000,
            CapOffset = 0x18,
        });
        MemoryMarshal.Write(answer.AsSpan(0x18), new VfioIommuType1InfoCapMigration
        {
            Header = new VfioInfoCapHeader { Id = 2, Version = 1, Next = 0x38 },
            PgsizeBitmap = 0x1000,
            MaxDirtyBitmapSize = 0x10000000,
        });
        MemoryMarshal.Write(answer.AsSpan(0x38), new VfioIommuType1InfoDmaAvail
        {
            Header = new VfioInfoCapHeader { Id = 3, Version = 1, Next = 0x48 },
            Avail = 0xffff,
        });
        MemoryMarshal.Write(answer.AsSpan(0x48), new VfioIommuType1InfoCapIovaRange
        {
            Header = new VfioInfoCapHeader { Id = 1, Version = 1 },
            NrIovas = 2,
        });
        int ranges = 0x48 + Unsafe.SizeOf<VfioIommuType1InfoCapIovaRange>();
        MemoryMarshal.Write(answer.AsSpan(ranges), new VfioIovaRange { Start = 0, End = 0xfedfffff });
        MemoryMarshal.Write(answer.AsSpan(ranges + 16), new VfioIovaRange { Start = 0xfef00000, End = 0xffffffffffff });
        return answer;
    }

    [Fact]
    public void GetInfo_decodes_the_capabilities()
    {
        using var machine = new TestMachine(new FakeKernel { IommuInfo = RecordedInfo() });
        IommuInfo info = machine.Container.GetInfo();
        Assert.Equal(0x40201000u, info.PageSizes);
        Assert.Equal(0x1000u, info.SmallestPageSize);
        Assert.Equal(0xffffu, info.AvailableMappings);
        Assert.Equal(new DirtyTrackingInfo(0x1000, 0x10000000), info.DirtyTracking);
        IovaRange[] ranges = [new(new Iova(0), new Iova(0xfedfffff)), new(new Iova(0xfef00000), new Iova(0xffffffffffff))];
        Assert.Equal(ranges, info.IovaRanges);
    }

    [Fact]
    public void GetInfo_without_capabilities_says_nothing_of_them()
    {
        using var machine = new TestMachine();
        IommuInfo info = machine.Container.GetInfo();
        Assert.Empty(info.IovaRanges);
        Assert.Null(info.AvailableMappings);
        Assert.Null(info.DirtyTracking);
    }

    [Theory]
    [InlineData(0x18u)]
    [InlineData(0x10u)]
    [InlineData(0x77u)]
    [InlineData(0xffffff00u)]
    public void GetInfo_survives_a_broken_chain(uint next)
    {
        byte[] answer = RecordedInfo();
        MemoryMarshal.Write(answer.AsSpan(0x18 + 4), next);
        using var machine = new TestMachine(new FakeKernel { IommuInfo = answer });
        Assert.NotNull(machine.Container.GetInfo().DirtyTracking);
    }

    [Fact]
    public void GetInfo_believes_no_more_ranges_than_the_answer_holds()
    {
        byte[] answer = RecordedInfo();
        MemoryMarshal.Write(answer.AsSpan(0x48 + 8), uint.MaxValue);
        using var machine = new TestMachine(new FakeKernel { IommuInfo = answer });
        Assert.Equal(2, machine.Container.GetInfo().IovaRanges.Count);
    }

    [Theory]
    [InlineData(0x1000ul, 0x1000ul, true)]
    [InlineData(0x1000ul, 0xf000ul, true)]
    [InlineData(0x1000ul, 0xf001ul, false)]
    [InlineData(0xfffful, 1ul, true)]
    [InlineData(0x0ul, 1ul, false)]
    [InlineData(0x1000ul, 0ul, false)]
    [InlineData(0x1000ul, ulong.MaxValue, false)]
    public void IovaRange_contains(ulong iova, ulong size, bool expected) =>
        Assert.Equal(expected, new IovaRange(new Iova(0x1000), new Iova(0xffff)).Contains(new Iova(iova), size));

    [Fact]
    public void SetIommu_takes_Type1_where_Type1v2_is_not_offered()
    {
        var kernel = new FakeKernel();
        kernel.AnswerIoctl(VfioIoctl.CheckExtension, KernelResult.Ok(0));
        using var machine = new TestMachine(kernel);
        Assert.Equal(IommuType.Type1, machine.Container.IommuType);
    }

    [Fact]
    public void MapDma_passes_the_struct_of_the_ABI()
    {
        using var machine = new TestMachine();
        using DmaMapping mapping = machine.Container.MapDma(new Iova(0x100000), 0x7f00_0000_0000, 0x2000, DmaAccess.ReadWrite);
        VfioIommuType1DmaMap map = MemoryMarshal.Read<VfioIommuType1DmaMap>(machine.Kernel.LastArgument);
        Assert.Equal((32u, 3u, 0x7f00_0000_0000ul, 0x100000ul, 0x2000ul), (map.Argsz, map.Flags, map.Vaddr, map.Iova, map.Size));
    }
}
