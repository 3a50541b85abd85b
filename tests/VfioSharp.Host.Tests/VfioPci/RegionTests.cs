// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.VfioPci;

public sealed class RegionTests
{
    [Theory]
    [InlineData("edu0", 0u, 0x100000UL, 7u)]
    [InlineData("edu0", 1u, 0UL, 0u)]
    [InlineData("edu0", 6u, 0UL, 0u)]
    [InlineData("edu0", 7u, 256UL, 3u)]
    [InlineData("nvme0", 7u, 4096UL, 3u)]
    [InlineData("nvme0", 0u, 0x4000UL, 15u)]
    [InlineData("conv0", 0u, 0x100UL, 3u)]
    [InlineData("conv0", 1u, 0x100UL, 7u)]
    [InlineData("net0", 6u, 0x40000UL, 1u)]
    [InlineData("vga0", 8u, 0xc0000UL, 3u)]
    public void Region_info_is_the_recorded_one(string alias, uint index, ulong size, uint flags)
    {
        using var session = new DeviceSession(alias);
        var info = new VfioRegionInfo { Argsz = 32, Index = index };
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DeviceGetRegionInfo, ref info));
        Assert.Equal((size, flags, (ulong)index << 40), (info.Size, info.Flags, info.Offset));
    }

    [Fact]
    public void Bar_is_read_in_the_widest_aligned_parts()
    {
        using var session = new DeviceSession("ivshmem0");
        byte[] written = [.. Enumerable.Range(1, 29).Select(i => (byte)i)];
        Assert.Equal(29, session.Write((2UL << 40) + 3, written).Value);
        var read = new byte[29];
        Assert.Equal(29, session.Read((2UL << 40) + 3, read).Value);
        Assert.Equal(written, read);
    }

    [Fact]
    public void Access_across_the_end_is_cut_short_and_past_it_refused()
    {
        using var session = new DeviceSession("edu0");
        Assert.Equal(4, session.Read(0xffffc, new byte[16]).Value);
        KernelResultAssert.Refused(Errno.EINVAL, session.Read(0x100000, new byte[1]));
    }

    [Fact]
    public void Access_with_memory_decoding_off_is_EIO()
    {
        using var session = new DeviceSession("edu0");
        session.Write16(DeviceSession.Config + 4, 0);
        KernelResultAssert.Refused(Errno.EIO, session.Read(0, new byte[4]));
        KernelResultAssert.Refused(Errno.EIO, session.Write(0, new byte[4]));
        session.Write16(DeviceSession.Config + 4, 2);
        Assert.Equal(0x010000edu, session.Read32(0));
    }

    [Fact]
    public void Access_to_a_bad_address_is_EFAULT()
    {
        using var session = new DeviceSession("edu0");
        KernelResultAssert.Refused(Errno.EFAULT, session.Process.Read(session.Device, 0x10, 4, 0));
        KernelResultAssert.Refused(Errno.EFAULT, session.Process.Write(session.Device, 0x10, 4, 4));
        KernelResultAssert.Refused(Errno.EFAULT, session.Process.Read(session.Device, 0x10, 4, DeviceSession.Config));
    }

    [Fact]
    public void Msix_table_reads_ones_and_swallows_writes()
    {
        using var session = new DeviceSession("nvme0");
        const ulong table = 0x2000;
        session.Write32(table, 0x12345678);
        Assert.Equal(uint.MaxValue, session.Read32(table));
        Assert.Equal(0u, (uint)session.Function.ReadBar(0, table, 4));
    }

    [Fact]
    public void Mapping_reaches_the_model_and_faults_while_decoding_is_off()
    {
        using var session = new DeviceSession("edu0");
        IMappedRegion region = Map(session, 0, 4096);
        Assert.Equal(MemoryFault.None, region.Store(4, 4, 0x0000ffff));
        Assert.Equal(MemoryFault.None, region.Load(4, 4, out ulong value));
        Assert.Equal(0xffff0000UL, value);
        session.Write16(DeviceSession.Config + 4, 0);
        Assert.Equal(MemoryFault.Bus, region.Load(4, 4, out _));
        Assert.Equal(MemoryFault.Bus, region.Store(4, 4, 1));
        session.Write16(DeviceSession.Config + 4, 2);
        Assert.Equal(MemoryFault.None, region.Load(0, 4, out value));
        Assert.Equal(0x010000edUL, value);
    }

    [Theory]
    [InlineData(0UL, 0x101000UL, true)]
    [InlineData(0x100000UL, 0x1000UL, true)]
    [InlineData(0UL, 0x1000UL, false)]
    [InlineData(1UL << 40, 0x1000UL, true)]
    [InlineData(6UL << 40, 0x1000UL, true)]
    [InlineData(7UL << 40, 0x1000UL, true)]
    [InlineData(9UL << 40, 0x1000UL, true)]
    [InlineData(0xffffff0000000000UL, 0x1000UL, true)]
    [InlineData(0UL, 0xfffffffffffff000UL, true)]
    public void Mapping_outside_a_mappable_bar_is_EINVAL(ulong offset, ulong length, bool shared)
    {
        using var session = new DeviceSession("edu0");
        session.Process.Caller.Files.Find(session.Device, out HostFile? file);
        KernelResultAssert.Refused(
            Errno.EINVAL, file!.Map(new MapRequest(offset, length, MemoryProtection.ReadWrite, shared), out IMappedRegion? region));
        Assert.Null(region);
    }

    [Fact]
    public void Device_request_follows_the_kernels_rules()
    {
        using var session = new DeviceSession("edu0");
        string name = session.Function.Address.ToString();
        Assert.True(session.Request(name + "   ").IsSuccess);
        Assert.Equal(Errno.ENODEV, session.Request(name + "x").Errno);
        KernelResultAssert.Refused(Errno.EINVAL, session.Request(name + " junk"));
        KernelResultAssert.Refused(Errno.EINVAL, session.Request(name + " vf_token=1234"));
        KernelResultAssert.Refused(Errno.EINVAL, session.Request(name + " vf_token=00000000-0000-0000-0000-000000000000"));
    }

    [Fact]
    public void Hot_paths_allocate_nothing()
    {
        using var session = new DeviceSession("edu0");
        Caller caller = session.Process.Caller;
        session.Process.Caller.Files.Find(session.Device, out HostFile? file);
        IMappedRegion region = Map(session, 0, 4096);
        ulong buffer = session.Buffer;
        for (int i = 0; i < 200; i++) Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step()
        {
            file!.Read(caller, buffer, 64, DeviceSession.Config);
            file.Write(caller, buffer + 0x3c, 1, DeviceSession.Config + 0x3c);
            file.Read(caller, buffer, 16, 0);
            file.Write(caller, buffer, 4, 4);
            region.Load(0, 4, out _);
            region.Store(4, 4, 1);
        }
    }

    // Whatever a user does to a device, it is an answer: no exception, and refusals have reasons.
    [Theory]
    [InlineData("edu0")]
    [InlineData("net0")]
    [InlineData("nvme0")]
    [InlineData("vga0")]
    [InlineData("conv0")]
    public void Random_calls_are_answered(string alias)
    {
        using var session = new DeviceSession(alias);
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var argument = new byte[64];
        ulong memory = session.Buffer;
        int[] descriptors = [session.Event(), session.Event(), session.Device, -1, 999];
        for (int step = 0; step < 20_000; step++)
        {
            KernelResult result;
            switch (random.Next(3))
            {
                case 0:
                    random.NextBytes(argument);
                    MemoryMarshal.Write(argument, (uint)random.Next(80));
                    if (random.Next(4) != 0) MemoryMarshal.Write(argument.AsSpan(4), (1u << random.Next(3)) | (8u << random.Next(3)));
                    for (int i = 2; i < 5; i++)
                    {
                        if (random.Next(4) != 0) MemoryMarshal.Write(argument.AsSpan(4 * i), (uint)random.Next(5));
                    }

                    for (int i = 5; i < 16; i++) MemoryMarshal.Write(argument.AsSpan(4 * i), descriptors[random.Next(descriptors.Length)]);
                    session.Process.Memory.TryWrite(memory, argument);
                    result = session.Process.Ioctl(session.Device, 0x3b64 + (uint)random.Next(24), random.Next(20) == 0 ? 8 : memory);
                    break;
                case 1:
                    result = session.Process.Read(session.Device, memory, (ulong)random.Next(40), Offset(random));
                    break;
                default:
                    random.NextBytes(argument);
                    session.Process.Memory.TryWrite(memory, argument);
                    result = session.Process.Write(session.Device, memory, (ulong)random.Next(16), Offset(random));
                    break;
            }

            Assert.False(result.IsError && string.IsNullOrEmpty(result.Reason), $"seed {seed} step {step}: {result.Errno} without a reason");
        }
    }

    private static ulong Offset(Random random)
    {
        ulong region = (ulong)random.Next(11) << 40;
        return region + (ulong)(random.Next(4) switch { 0 => random.Next(0x120), 1 => random.Next(0x1100), 2 => random.Next(0x110000), _ => 0xa0000 + random.Next(0x30000) });
    }

    private static IMappedRegion Map(DeviceSession session, ulong offset, ulong length)
    {
        session.Process.Caller.Files.Find(session.Device, out HostFile? file);
        Assert.Equal(KernelResult.Success, file!.Map(new MapRequest(offset, length, MemoryProtection.ReadWrite, Shared: true), out IMappedRegion? region));
        return region!;
    }
}
