// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.VfioPci;

public sealed class VirtualFunctionTests : IDisposable
{
    private const string Token = "10112233-4455-6677-8899-aabbccddeeff";
    private const string Other = "10112233-4455-6677-8899-aabbccddeef0";
    private const string Physical = "0000:07:00.0";
    private const string First = "0000:07:10.0";

    private readonly DeviceSession _session = new("igb0");

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Writing_numvfs_without_enable_sriov_returns_ENOENT() =>
        KernelResultAssert.Refused(Errno.ENOENT, Write(Physical, "sriov_numvfs", "1"));

    [Theory]
    [InlineData("9", Errno.ERANGE)]
    [InlineData("x", Errno.EINVAL)]
    [InlineData("-1", Errno.EINVAL)]
    [InlineData("65536", Errno.EINVAL)]
    public void Writing_numvfs_wants_a_count_the_capability_has(string text, Errno errno)
    {
        Enable();
        KernelResultAssert.Refused(errno, Write(Physical, "sriov_numvfs", text));
    }

    [Fact]
    public void Functions_appear_at_offset_and_stride_in_groups_of_their_own_bound_to_vfio_pci()
    {
        int groups = Names("/sys/kernel/iommu_groups").Count;
        Create(3);
        Assert.Equal(
            [First, "0000:07:10.2", "0000:07:10.4"],
            _session.Platform.Functions.Where(function => function.PhysicalFunction == _session.Function).Select(function => function.Address.ToString()));
        Assert.Equal(groups + 3, Names("/sys/kernel/iommu_groups").Count);
        Assert.Contains(First, Names("/sys/bus/pci/devices"));
        Assert.EndsWith("/vfio-pci", Link(First, "driver"), StringComparison.Ordinal);
        Assert.Equal("../" + Physical, Link(First, "physfn"));
        Assert.Equal("../0000:07:10.4", Link(Physical, "virtfn2"));
        Assert.Equal("3\n", Text(Physical, "sriov_numvfs"));
        Assert.Equal("0x8086\n", Text(First, "vendor"));
        Assert.Equal("0x10ca\n", Text(First, "device"));
        Assert.Equal("vf1", _session.Platform.FindAlias("vf1")?.Alias);
    }

    [Fact]
    public void Each_function_has_its_part_of_the_bars()
    {
        Create(2);
        PciFunction second = _session.Platform.FindAlias("vf1")!;
        Assert.Equal(0xfc004000ul, second.Bars[0].Start);
        Assert.Equal(0x4000ul, second.Bars[0].Size);
        Assert.Equal(0xfc024000ul, second.Bars[3].Start);
        Assert.Equal(0u, second.ReadConfig(0x10, 4));
    }

    [Fact]
    public void Changing_the_count_directly_returns_EBUSY_and_the_same_count_is_nothing()
    {
        Create(2);
        KernelResultAssert.Refused(Errno.EBUSY, Write(Physical, "sriov_numvfs", "3"));
        Assert.True(Write(Physical, "sriov_numvfs", "2").IsSuccess);
    }

    [Fact]
    public void Zero_takes_functions_groups_and_nodes_away()
    {
        IReadOnlyList<string> before = Names("/sys/kernel/iommu_groups");
        Create(2);
        int group = GroupOf(First);
        Assert.True(_session.Host.HasNode($"/dev/vfio/{group}"));
        Create(0);
        Assert.Equal(before, Names("/sys/kernel/iommu_groups"));
        Assert.DoesNotContain(First, Names("/sys/bus/pci/devices"));
        Assert.False(_session.Host.HasNode($"/dev/vfio/{group}"));
        Assert.Null(_session.Platform.FindAlias("vf0"));
        Assert.Equal(0u, _session.Function.ReadConfig(0x160 + 0x10, 2));
        Create(1);
        Assert.Equal(group, GroupOf(First));
    }

    [Fact]
    public void Physical_function_stays_in_D0_while_it_has_virtual_ones()
    {
        const ulong control = DeviceSession.Config + 0x44;
        _session.Write16(control, 3);
        Assert.Equal(3u, _session.Read32(control) & 3);
        Create(1);
        Assert.Equal(0u, _session.Read32(control) & 3);
        _session.Write16(control, 3);
        Assert.Equal(0u, _session.Read32(control) & 3);
        Create(0);
        _session.Write16(control, 3);
        Assert.Equal(3u, _session.Read32(control) & 3);
    }

    [Fact]
    public void Autoprobe_off_leaves_them_without_a_driver()
    {
        Assert.True(Write(Physical, "sriov_drivers_autoprobe", "0").IsSuccess);
        Create(1);
        Assert.True(_session.Host.Sysfs.ReadLink($"/sys/bus/pci/devices/{First}/driver", out _).IsError);
        Assert.Equal("vfio-pci\n", Text(First, "driver_override"));
    }

    [Fact]
    public void Virtual_function_opens_with_the_token_its_physical_one_set()
    {
        Create(1);
        int group = OpenGroup();
        KernelResultAssert.Refused(Errno.EACCES, Request(group, First));
        Assert.True(Request(_session.Group, $"{Physical} vf_token={Token}").IsSuccess);
        KernelResultAssert.Refused(Errno.EACCES, Request(group, $"{First} vf_token={Other}"));
        Assert.True(Request(group, $"{First} vf_token={Token}").IsSuccess);
    }

    [Fact]
    public void Physical_function_needs_the_token_while_virtual_ones_are_open()
    {
        Create(1);
        int group = OpenGroup();
        Assert.True(Request(_session.Group, $"{Physical} vf_token={Token}").IsSuccess);
        int device = (int)Request(group, $"{First} vf_token={Token}").Value;
        KernelResultAssert.Refused(Errno.EACCES, Request(_session.Group, Physical));
        KernelResultAssert.Refused(Errno.EACCES, Request(_session.Group, $"{Physical} vf_token={Other}"));
        Assert.True(Request(_session.Group, $"{Physical} vf_token={Token}").IsSuccess);
        _session.Process.Close(device);
        Assert.True(Request(_session.Group, $"{Physical} vf_token={Other}").IsSuccess);
    }

    [Fact]
    public void Token_set_as_a_feature_is_in_the_order_of_its_text()
    {
        Create(1);
        int group = OpenGroup();
        var feature = new TokenFeature
        {
            Header = new VfioDeviceFeature { Argsz = 24, Flags = VfioDeviceFeatureFlags.Set | VfioDeviceFeatureId.PciVfToken },
            High = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(0x1011223344556677ul),
            Low = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(0x8899aabbccddeefful),
        };
        Assert.Equal(KernelResult.Success, _session.Ioctl(VfioIoctl.DeviceFeature, ref feature));
        Assert.True(Request(group, $"{First} vf_token={Token}").IsSuccess);
    }

    [Fact]
    public void Token_for_a_virtual_function_of_a_host_driver_returns_EINVAL()
    {
        _session.Process.Close(_session.Device);
        _session.Process.Close(_session.Group);
        Assert.True(WritePath("/sys/bus/pci/drivers/vfio-pci/unbind", Physical).IsSuccess);
        Assert.True(Write(Physical, "driver_override", "igb").IsSuccess);
        Assert.True(WritePath("/sys/bus/pci/drivers_probe", Physical).IsSuccess);
        Assert.True(Write(Physical, "sriov_numvfs", "1").IsSuccess);
        Assert.Equal("(null)\n", Text(First, "driver_override"));
        Assert.True(Write(First, "driver_override", "vfio-pci").IsSuccess);
        Assert.True(WritePath("/sys/bus/pci/drivers_probe", First).IsSuccess);
        int group = OpenGroup();
        Assert.Equal(KernelResult.Success, _session.Process.Ioctl(_session.Container, VfioIoctl.SetIommu, VfioExtension.Type1V2));
        KernelResultAssert.Refused(Errno.EINVAL, Request(group, $"{First} vf_token={Token}"));
        Assert.True(Request(group, First).IsSuccess);
    }

    [Fact]
    public void Unbinding_the_physical_function_takes_the_virtual_ones_along()
    {
        Create(2);
        _session.Process.Close(_session.Device);
        Assert.True(WritePath("/sys/bus/pci/drivers/vfio-pci/unbind", Physical).IsSuccess);
        Assert.DoesNotContain(First, Names("/sys/bus/pci/devices"));
        Assert.Equal("0\n", Text(Physical, "sriov_numvfs"));
    }

    [Fact]
    public async Task Taking_away_waits_until_users_close()
    {
        Create(1);
        int group = OpenGroup();
        Assert.True(Request(_session.Group, $"{Physical} vf_token={Token}").IsSuccess);
        int device = (int)Request(group, $"{First} vf_token={Token}").Value;
        Task<KernelResult> removal = Task.Factory.StartNew(
            () => Write(Physical, "sriov_numvfs", "0"), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(removal.IsCompleted);
        _session.Process.Close(device);
        KernelResult removed = await removal.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.True(removed.IsSuccess, removed.ToString());
    }

    // vfio_pci_core.c: vfio_pci_core_register_device: a virtual function is a device set of its own.
    [Fact]
    public void Hot_reset_that_takes_virtual_functions_along_returns_EINVAL()
    {
        Create(1);
        int group = OpenGroup();
        Assert.True(Request(_session.Group, $"{Physical} vf_token={Token}").IsSuccess);
        int device = (int)Request(group, $"{First} vf_token={Token}").Value;
        var reset = new GroupsToReset { Header = new VfioPciHotReset { Argsz = 20, Count = 2 }, First = _session.Group, Second = group };
        KernelResultAssert.Refused(Errno.EINVAL, _session.Ioctl(VfioIoctl.DevicePciHotReset, ref reset));
        KernelResultAssert.Refused(Errno.EINVAL, _session.Ioctl(device, VfioIoctl.DevicePciHotReset, ref reset));
    }

    // pci-sysfs.c: resource_show
    [Fact]
    public void Resource_has_a_line_for_each_bar_of_virtual_functions_and_for_a_bridges_windows()
    {
        string[] physical = Text(Physical, "resource").Split('\n');
        Assert.Equal(13 + 1, physical.Length);
        Assert.StartsWith("0x00000000fc000000 0x00000000fc01ffff ", physical[7], StringComparison.Ordinal);
        string[] bridge = Text("0000:00:0b.0", "resource").Split('\n');
        Assert.Equal(17 + 1, bridge.Length);
        PciFunction port = _session.Platform.Functions.First(function => function.Address.ToString() == "0000:00:0b.0");
        ulong start = (port.ReadConfig(0x20, 2) & 0xfff0) << 16;
        Assert.StartsWith($"0x{start:x16} ", bridge[14], StringComparison.Ordinal);
        Assert.EndsWith(" 0x0000000000000200", bridge[14], StringComparison.Ordinal);
    }

    private struct GroupsToReset
    {
        public VfioPciHotReset Header;
        public int First;
        public int Second;
    }

    private struct TokenFeature
    {
        public VfioDeviceFeature Header;
        public ulong High;
        public ulong Low;
    }

    private void Enable() => Assert.True(WritePath("/sys/module/vfio_pci/parameters/enable_sriov", "Y\n").IsSuccess);

    private void Create(int count)
    {
        Enable();
        KernelResult written = Write(Physical, "sriov_numvfs", count.ToString(CultureInfo.InvariantCulture));
        Assert.True(written.IsSuccess, written.ToString());
    }

    private int OpenGroup()
    {
        KernelResult opened = _session.Process.Open($"/dev/vfio/{GroupOf(First)}", OpenMode.ReadWrite);
        Assert.True(opened.IsSuccess, opened.ToString());
        int container = _session.Container;
        Assert.Equal(KernelResult.Success, _session.Ioctl((int)opened.Value, VfioIoctl.GroupSetContainer, ref container));
        return (int)opened.Value;
    }

    private KernelResult Request(int group, string text)
    {
        _session.Process.Memory.TryWrite(_session.Buffer, [.. System.Text.Encoding.ASCII.GetBytes(text), 0]);
        return _session.Process.Ioctl(group, VfioIoctl.GroupGetDeviceFd, _session.Buffer);
    }

    private int GroupOf(string address)
    {
        string link = Link(address, "iommu_group");
        return int.Parse(link[(link.LastIndexOf('/') + 1)..], CultureInfo.InvariantCulture);
    }

    private KernelResult Write(string address, string attribute, string text) => WritePath($"/sys/bus/pci/devices/{address}/{attribute}", text);

    private KernelResult WritePath(string path, string text) => _session.Host.Sysfs.WriteText(path, text);

    private string Text(string address, string attribute)
    {
        Assert.True(_session.Host.Sysfs.ReadText($"/sys/bus/pci/devices/{address}/{attribute}", out string? text).IsSuccess);
        return text!;
    }

    private string Link(string address, string attribute)
    {
        Assert.True(_session.Host.Sysfs.ReadLink($"/sys/bus/pci/devices/{address}/{attribute}", out string? target).IsSuccess);
        return target!;
    }

    private IReadOnlyList<string> Names(string folder)
    {
        Assert.True(_session.Host.Sysfs.ListNames(folder, out IReadOnlyList<string>? names).IsSuccess);
        return names!;
    }
}
