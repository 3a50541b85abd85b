// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>Regions that are plain memory, in part or in whole.</summary>
public sealed class RegionMemoryTests
{
    private const ulong Memory = 2UL << 40;
    private const ulong Mixed = 4UL << 40;
    private const int Registers = 0x10000;
    private const int AnswerSize = 64;

    [Fact]
    public void Region_that_is_all_memory_has_no_list_of_areas()
    {
        using DeviceSession session = Open();
        Assert.Equal((VfioRegionInfoFlags.Read | VfioRegionInfoFlags.Write | VfioRegionInfoFlags.Mmap, 0u), Info(session, 2, out _));
    }

    [Fact]
    public void Region_that_is_partly_memory_lists_that_part()
    {
        using DeviceSession session = Open();
        Assert.Equal(
            (VfioRegionInfoFlags.Read | VfioRegionInfoFlags.Write | VfioRegionInfoFlags.Mmap | VfioRegionInfoFlags.Caps, 32u), Info(session, 4, out byte[] answer));
        VfioRegionInfoCapSparseMmap capability = MemoryMarshal.Read<VfioRegionInfoCapSparseMmap>(answer.AsSpan(32));
        Assert.Equal(((ushort)VfioRegionInfoCap.SparseMmap, (ushort)1, 0u, 1u), (capability.Header.Id, capability.Header.Version, capability.Header.Next, capability.NrAreas));
        VfioRegionSparseMmapArea area = MemoryMarshal.Read<VfioRegionSparseMmapArea>(answer.AsSpan(48));
        Assert.Equal((0x10000UL, 0x10000UL), (area.Offset, area.Size));
    }

    [Fact]
    public void Too_short_an_argument_is_told_the_size()
    {
        using DeviceSession session = Open();
        var info = new VfioRegionInfo { Argsz = 32, Index = 4 };
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DeviceGetRegionInfo, ref info));
        Assert.Equal((64u, 0u), (info.Argsz, info.CapOffset));
    }

    [Theory]
    [InlineData(Memory)]
    [InlineData(Mixed + Registers)]
    public void Mapping_and_calls_show_the_same_bytes(ulong place)
    {
        using DeviceSession session = Open();
        ulong mapped = (ulong)session.Process.MapFile(session.Device, place, 4096, MemoryProtection.ReadWrite, shared: true).Value;
        Assert.Equal(MemoryFault.None, session.Process.Store(mapped + 16, 4, 0x12345678));
        Assert.Equal(0x12345678u, session.Read32(place + 16));
        session.Write(place + 20, [1, 2, 3, 4]);
        Assert.Equal((MemoryFault.None, 0x04030201UL), (session.Process.Load(mapped + 20, 4, out ulong value), value));
    }

    [Fact]
    public void Memory_stays_over_a_close_and_a_reset()
    {
        using DeviceSession session = Open();
        session.Write(Memory, [1, 2, 3, 4]);
        session.Reopen();
        Assert.Equal(0x04030201u, session.Read32(Memory));
    }

    [Fact]
    public void With_decoding_off_mapped_memory_faults_and_is_there_again_afterwards()
    {
        using DeviceSession session = Open();
        ulong mapped = (ulong)session.Process.MapFile(session.Device, Memory, 4096, MemoryProtection.ReadWrite, shared: true).Value;
        Assert.Equal(MemoryFault.None, session.Process.Store(mapped, 4, 7));
        session.Write16(DeviceSession.Config + 4, 0);
        Assert.Equal(MemoryFault.Bus, session.Process.Load(mapped, 4, out _));
        KernelResultAssert.Refused(Errno.EIO, session.Read(Memory, new byte[4]));
        session.Write16(DeviceSession.Config + 4, 2);
        Assert.Equal((MemoryFault.None, 7UL), (session.Process.Load(mapped, 4, out ulong value), value));
    }

    private static (uint Flags, uint CapOffset) Info(DeviceSession session, uint index, out byte[] answer)
    {
        var info = new WideInfo { Info = new VfioRegionInfo { Argsz = AnswerSize, Index = index } };
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DeviceGetRegionInfo, ref info));
        answer = MemoryMarshal.AsBytes(new Span<WideInfo>(ref info)).ToArray();
        return (info.Info.Flags, info.Info.CapOffset);
    }

    private static DeviceSession Open() => new("ivshmem0", ChangedMachine.With("0000:00:0a.0", device =>
    {
        device["model"] = "ram";
        device["bars"]!.AsArray().Add(new JsonObject { ["index"] = 4, ["start"] = "0xfeb80000", ["size"] = "0x20000", ["flags"] = "0x40200" });
        ChangedMachine.Patch(device, 0x20, 0, 0, 0xb8, 0xfe);
    }));

    [StructLayout(LayoutKind.Sequential, Size = AnswerSize)]
    private struct WideInfo
    {
        public VfioRegionInfo Info;
    }
}
