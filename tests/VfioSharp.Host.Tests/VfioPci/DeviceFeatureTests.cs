// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Host.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.VfioPci;

public sealed class DeviceFeatureTests
{
    private const uint Get = VfioDeviceFeatureFlags.Get;
    private const uint Probe = VfioDeviceFeatureFlags.Probe;

    // DEVICE_FEATURE DMA_BUF with one range or two.
    [StructLayout(LayoutKind.Sequential)]
    private struct DmaBufRequest
    {
        public VfioDeviceFeature Header;
        public VfioDeviceFeatureDmaBuf Buffer;
        public VfioRegionDmaRange First;
        public VfioRegionDmaRange Second;
    }

    [Theory]
    [InlineData(VfioDeviceFeatureId.PciVfToken, Errno.ENOTTY)]
    [InlineData(VfioDeviceFeatureId.Migration, Errno.ENOTTY)]
    [InlineData(VfioDeviceFeatureId.MigDeviceState, Errno.ENOTTY)]
    [InlineData(VfioDeviceFeatureId.LowPowerEntry, (Errno)0)]
    [InlineData(VfioDeviceFeatureId.DmaLoggingStart, Errno.ENOTTY)]
    [InlineData(VfioDeviceFeatureId.DmaLoggingReport, Errno.ENOTTY)]
    [InlineData(VfioDeviceFeatureId.MigDataSize, Errno.ENOTTY)]
    [InlineData(VfioDeviceFeatureId.BusMaster, Errno.ENOTTY)]
    [InlineData(VfioDeviceFeatureId.DmaBuf, (Errno)0)]
    [InlineData(VfioDeviceFeatureId.MigPrecopyInfoV2, Errno.EINVAL)]
    [InlineData(0xffffu, Errno.ENOTTY)]
    public void Probe_tells_the_features_of_a_device_that_cannot_migrate(uint feature, Errno errno)
    {
        using var session = new DeviceSession("edu0");
        var header = new VfioDeviceFeature { Argsz = 8, Flags = Probe | feature };
        KernelResult probed = session.Ioctl(VfioIoctl.DeviceFeature, ref header);
        if (errno == 0) Assert.Equal(KernelResult.Success, probed);
        else KernelResultAssert.Refused(errno, probed);
    }

    [Theory]
    [InlineData(0u, 0x1000ul, 0x1000ul, 1u, (Errno)0)]
    [InlineData(7u, 0x1000ul, 0x1000ul, 1u, Errno.ENODEV)]
    [InlineData(1u, 0x1000ul, 0x1000ul, 1u, Errno.ENODEV)]
    [InlineData(0u, 0x1ul, 0x1000ul, 1u, Errno.EINVAL)]
    [InlineData(0u, 0x0ul, 0x200000ul, 1u, Errno.EINVAL)]
    [InlineData(0u, 0x0ul, 0x0ul, 1u, Errno.EINVAL)]
    [InlineData(0u, 0x0ul, 0x1000ul, 0u, Errno.EINVAL)]
    [InlineData(0u, 0x0ul, 0x8000_0000_0000_0000ul, 1u, Errno.EINVAL)]
    [InlineData(0u, 0xffff_ffff_ffff_f000ul, 0x1000ul, 1u, Errno.EOVERFLOW)]
    [InlineData(0u, 0x0ul, 0x1000ul, 0x40001u, Errno.ENOMEM)]
    public void DmaBuf_checks_its_ranges(uint region, ulong offset, ulong length, uint count, Errno errno)
    {
        using var session = new DeviceSession("edu0");
        KernelResult exported = Export(session, region, count, new VfioRegionDmaRange { Offset = offset, Length = length });
        if (errno == 0) Assert.True(exported.IsSuccess, exported.ToString());
        else KernelResultAssert.Refused(errno, exported);
    }

    [Fact]
    public void DmaBuf_of_port_io_returns_EINVAL()
    {
        using var session = new DeviceSession("conv0");
        KernelResultAssert.Refused(Errno.EINVAL, Export(session, 0, 1, new VfioRegionDmaRange { Length = 0x1000 }));
    }

    [Fact]
    public void DmaBuf_is_revoked_while_memory_is_not_decoded()
    {
        using var session = new DeviceSession("edu0");
        DmaBufFile file = ExportPage(session, out _);
        Assert.Equal(KernelResult.Success, file.FindRange(out DmaBufRange range));
        Assert.Equal(new DmaBufRange(session.Function.Bars[0].Start + 0x1000, 0x1000), range);
        session.Write16(DeviceSession.Config + 4, 0);
        KernelResultAssert.Refused(Errno.ENODEV, file.FindRange(out _));
        DmaBufFile late = ExportPage(session, out _);
        Assert.True(late.IsRevoked);
        session.Write16(DeviceSession.Config + 4, 2);
        Assert.False(file.IsRevoked);
        Assert.False(late.IsRevoked);
    }

    [Fact]
    public void DmaBuf_is_revoked_in_low_power_and_comes_back_on_exit()
    {
        using var session = new DeviceSession("edu0");
        DmaBufFile file = ExportPage(session, out _);
        var header = new VfioDeviceFeature { Argsz = 8, Flags = VfioDeviceFeatureFlags.Set | VfioDeviceFeatureId.LowPowerEntry };
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DeviceFeature, ref header));
        Assert.True(file.IsRevoked);
        header.Flags = VfioDeviceFeatureFlags.Set | VfioDeviceFeatureId.LowPowerExit;
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DeviceFeature, ref header));
        Assert.False(file.IsRevoked);
    }

    [Fact]
    public void DmaBuf_outlives_the_device_revoked_for_good()
    {
        using var session = new DeviceSession("edu0");
        DmaBufFile file = ExportPage(session, out int descriptor);
        session.Reopen();
        session.Write16(DeviceSession.Config + 4, 2);
        Assert.True(file.IsRevoked);
        KernelResultAssert.Refused(Errno.EINVAL, file.Map(new MapRequest(0, 0x1000, MemoryProtection.Read, Shared: true), out _));
        Assert.Equal(KernelResult.Success, session.Process.Close(descriptor));
    }

    [Fact]
    public void DmaBuf_of_several_ranges_is_not_for_an_iommu()
    {
        using var session = new DeviceSession("edu0");
        var page = new VfioRegionDmaRange { Length = 0x1000 };
        KernelResult exported = Export(session, 0, 2, page, page);
        Assert.Equal(DescriptorKind.Host, session.Process.Caller.Files.Find((int)exported.Value, out HostFile? file));
        KernelResultAssert.Refused(Errno.EOPNOTSUPP, Assert.IsType<DmaBufFile>(file).FindRange(out _));
    }

    private static DmaBufFile ExportPage(DeviceSession session, out int descriptor)
    {
        KernelResult exported = Export(session, 0, 1, new VfioRegionDmaRange { Offset = 0x1000, Length = 0x1000 });
        Assert.True(exported.IsSuccess, exported.ToString());
        descriptor = (int)exported.Value;
        session.Process.Caller.Files.Find(descriptor, out HostFile? file);
        return Assert.IsType<DmaBufFile>(file);
    }

    private static KernelResult Export(DeviceSession session, uint region, uint count, VfioRegionDmaRange first, VfioRegionDmaRange second = default)
    {
        var request = new DmaBufRequest
        {
            Header = new VfioDeviceFeature { Argsz = (uint)Marshal.SizeOf<DmaBufRequest>(), Flags = Get | VfioDeviceFeatureId.DmaBuf },
            Buffer = new VfioDeviceFeatureDmaBuf { RegionIndex = region, OpenFlags = 2, NrRanges = count },
            First = first,
            Second = second,
        };
        return session.Ioctl(VfioIoctl.DeviceFeature, ref request);
    }
}
