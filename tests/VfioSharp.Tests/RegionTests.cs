// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Tests;

public sealed class RegionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Accesses_of_each_width_are_little_endian(bool mapped)
    {
        using var machine = new TestMachine();
        using VfioRegion bar = mapped ? machine.Device.MapRegion(0) : machine.Device.OpenRegion(0);
        bar.Write64(0x10, 0x8877665544332211);
        Assert.Equal([0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88], machine.Kernel.Bar[0x10..0x18]);
        Assert.Equal(0x11, bar.Read8(0x10));
        Assert.Equal(0x2211, bar.Read16(0x10));
        Assert.Equal(0x44332211u, bar.Read32(0x10));
        Assert.Equal(0x8877665544332211, bar.Read64(0x10));
        bar.Write8(0x20, 1);
        bar.Write16(0x21, 0x0302);
        bar.Write32(0x23, 0x07060504);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 0], machine.Kernel.Bar[0x20..0x28]);
    }

    [Fact]
    public void Big_endian_helpers_turn_the_bytes_round()
    {
        using var machine = new TestMachine();
        using VfioRegion bar = machine.Device.OpenRegion(0);
        bar.Write32BigEndian(0, 0x01020304);
        Assert.Equal([1, 2, 3, 4], machine.Kernel.Bar[..4]);
        Assert.Equal(0x01020304u, bar.Read32BigEndian(0));
        bar.Write64BigEndian(8, 0x0102030405060708);
        Assert.Equal(0x0102030405060708u, bar.Read64BigEndian(8));
        bar.Write16BigEndian(0x10, 0x0102);
        Assert.Equal(0x0102, bar.Read16BigEndian(0x10));
    }

    [Theory]
    [InlineData(0x4000ul)]
    [InlineData(0x3ffdul)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 2)]
    public void Access_outside_the_region_throws_and_reaches_no_kernel(ulong offset)
    {
        using var machine = new TestMachine();
        using VfioRegion bar = machine.Device.MapRegion(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => bar.Read32(offset));
        Assert.Throws<ArgumentOutOfRangeException>(() => bar.Write32(offset, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => bar.Read(offset, new byte[4]));
    }

    [Fact]
    public void Region_that_the_device_lacks_has_no_bytes()
    {
        using var machine = new TestMachine();
        using VfioRegion bar = machine.Device.MapRegion(1);
        Assert.Equal(0u, bar.Size);
        Assert.False(bar.IsMapped);
        Assert.Throws<ArgumentOutOfRangeException>(() => bar.Read8(0));
    }

    [Fact]
    public void Sparse_region_is_mapped_in_its_areas_and_read_by_pread_between()
    {
        var kernel = new FakeKernel { BarInfo = SparseInfo((0, 0x1000), (0x2000, 0x2000)) };
        using var machine = new TestMachine(kernel);
        using VfioRegion bar = machine.Device.MapRegion(0);
        string[] mapped = ["mmap 0x0 0x1000", "mmap 0x2000 0x2000"];
        Assert.Equal(mapped, kernel.Log.Where(entry => entry.StartsWith("mmap", StringComparison.Ordinal)));
        Assert.Null(bar.Mapping);
        kernel.MappingFault = MemoryFault.Bus;
        Assert.Equal(0u, bar.Read32(0x1000));
        Assert.Equal(0u, bar.Read32(0xffe));
        Assert.Throws<VfioException>(() => bar.Read32(0xffc));
        Assert.Throws<VfioException>(() => bar.Read32(0x3ffc));
    }

    [Fact]
    public void Access_wider_than_its_mapped_area_goes_by_pread()
    {
        var kernel = new FakeKernel { BarInfo = SparseInfo((0x1000, 4)), MappingFault = MemoryFault.Bus };
        kernel.Bar[0x1000] = 7;
        using var machine = new TestMachine(kernel);
        using VfioRegion bar = machine.Device.MapRegion(0);
        Assert.Equal(7u, bar.Read64(0x1000));
        Assert.Throws<VfioException>(() => bar.Read32(0x1000));
    }

    [Theory]
    [InlineData(MemoryFault.Bus, Errno.EIO, "SIGBUS")]
    [InlineData(MemoryFault.Segmentation, Errno.EFAULT, "SIGSEGV")]
    public void Fault_of_a_mapping_is_an_exception_with_its_signal(MemoryFault fault, Errno errno, string signal)
    {
        using var machine = new TestMachine();
        using VfioRegion bar = machine.Device.MapRegion(0);
        machine.Kernel.MappingFault = fault;
        VfioException refusal = Assert.Throws<VfioException>(() => bar.Read32(0x10));
        Assert.Equal(errno, refusal.Errno);
        Assert.Contains(signal, refusal.Reason);
        Assert.Contains("0x10", refusal.Subject);
        Assert.Throws<VfioException>(() => bar.Write32(0x10, 1));
    }

    [Fact]
    public void Short_read_is_an_error_with_both_counts()
    {
        using var machine = new TestMachine();
        using VfioRegion bar = machine.Device.OpenRegion(0);
        machine.Kernel.MaxRead = 2;
        VfioException refusal = Assert.Throws<VfioException>(() => bar.Read32(0));
        Assert.Equal(Errno.EIO, refusal.Errno);
        Assert.Contains("2 of 4 bytes", refusal.Reason);
    }

    [Fact]
    public void Accesses_allocate_nothing()
    {
        using var machine = new TestMachine();
        using VfioRegion mapped = machine.Device.MapRegion(0);
        using VfioRegion plain = machine.Device.OpenRegion(0);
        Use(mapped, plain, machine.Device.Config);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Use(mapped, plain, machine.Device.Config);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Use(VfioRegion mapped, VfioRegion plain, VfioConfigSpace config)
        {
            mapped.Write32(0, mapped.Read32(0) + 1);
            plain.Write64(8, plain.Read64(8) + 1);
            config.Command = config.Command;
        }
    }

    internal static byte[] SparseInfo(params (ulong Offset, ulong Size)[] areas)
    {
        int start = Unsafe.SizeOf<VfioRegionInfo>();
        int first = start + Unsafe.SizeOf<VfioRegionInfoCapSparseMmap>();
        byte[] answer = new byte[first + (areas.Length * Unsafe.SizeOf<VfioRegionSparseMmapArea>())];
        MemoryMarshal.Write(answer, new VfioRegionInfo
        {
            Argsz = (uint)answer.Length,
            Flags = VfioRegionInfoFlags.Read | VfioRegionInfoFlags.Write | VfioRegionInfoFlags.Mmap | VfioRegionInfoFlags.Caps,
            CapOffset = (uint)start,
            Size = 0x4000,
        });
        MemoryMarshal.Write(answer.AsSpan(start), new VfioRegionInfoCapSparseMmap
        {
            Header = new VfioInfoCapHeader { Id = (ushort)VfioRegionInfoCap.SparseMmap, Version = 1 },
            NrAreas = (uint)areas.Length,
        });
        Span<VfioRegionSparseMmapArea> list = MemoryMarshal.Cast<byte, VfioRegionSparseMmapArea>(answer.AsSpan(first));
        for (int i = 0; i < areas.Length; i++) (list[i].Offset, list[i].Size) = areas[i];
        return answer;
    }
}
