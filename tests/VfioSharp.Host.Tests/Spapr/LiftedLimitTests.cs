// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using VfioSharp.Abi.Vfio;
using VfioSharp.Devices;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;
using static VfioSharp.Host.Tests.VfioPci.KernelResultAssert;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>Limits of pSeries that options of a machine lift: each shown as it is, and gone.</summary>
[Collection(nameof(Alone))]
public sealed class LiftedLimitTests
{
    private const ulong Dynamic = 0x0800_0000_0000_0000;
    private const string Physical = "0005:00:02.0";
    private const string Virtual = "0005:00:12.0";

    [Fact]
    public void A_virtual_function_has_one_window_in_slot_0()
    {
        using SpaprSession session = VirtualFunction(windows: null);
        Assert.Equal(1u, session.Info().Ddw.MaxDynamicWindowsSupported);
        Assert.Equal(KernelResult.Success, session.Remove(0));
        Assert.Equal(KernelResult.Success, session.Create(16, 1UL << 32, 1, out ulong start));
        Assert.Equal(Dynamic, start);
        Assert.NotNull(session.Endpoint.Tables[0]);
        Assert.Null(session.Endpoint.Tables[1]);
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, start, 0x10000));
        Assert.True(session.Function.Dma!.Write(new Iova(start), new byte[8]));
        Refused(Errno.ENODEV, session.Create(16, 1UL << 32, 1, out _));
    }

    [Fact]
    public void A_virtual_functions_second_window_is_refused_by_firmware_beside_the_default_one()
    {
        using SpaprSession session = VirtualFunction(windows: null);
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        Refused(Errno.ENODEV, session.Create(16, 1UL << 32, 1, out _));
        Assert.True(session.Function.Dma!.Write(new Iova(0), new byte[8]));
    }

    [Fact]
    public void A_virtual_function_has_two_windows_where_that_limit_is_lifted()
    {
        using SpaprSession session = VirtualFunction(windows: 2);
        Assert.Equal(2u, session.Info().Ddw.MaxDynamicWindowsSupported);
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        Assert.Equal(KernelResult.Success, session.Create(16, 1UL << 32, 1, out ulong start));
        Assert.Equal(Dynamic, start);
        Assert.NotNull(session.Endpoint.Tables[1]);
        Assert.Equal(KernelResult.Success, session.Map(memory, start, 0x10000));
        Assert.True(session.Function.Dma!.Write(new Iova(0), new byte[8]));
        Assert.True(session.Function.Dma.Write(new Iova(start), new byte[8]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public void A_virtual_functions_endpoint_is_its_own_and_goes_with_it(int? windows)
    {
        long tables = TceTable.LiveBytes;
        using (SpaprSession session = VirtualFunction(windows))
        {
            PciFunction physical = session.Platform.Find(session.Function.PhysicalFunction!.Address)!;
            Assert.NotSame(session.Platform.GroupOf(physical), session.Platform.GroupOf(session.Function));
            Assert.NotSame(session.EndpointOf("edu2"), session.Endpoint);
            Assert.Equal(KernelResult.Success, session.UnsetContainer());
            Assert.NotNull(session.Endpoint.Tables[0]);
            session.Close(session.Group);
            long with = TceTable.LiveBytes;
            Assert.True(session.Host.Sysfs.WriteText($"/sys/bus/pci/devices/{Physical}/sriov_numvfs", "0").IsSuccess);
            Assert.True(TceTable.LiveBytes < with);
        }

        Assert.Equal(tables, TceTable.LiveBytes);
    }

    [Fact]
    public void A_64_bit_default_window_is_told_of_as_if_it_began_at_0()
    {
        using SpaprSession session = WideDefault("0800000000000000", "0000000080000000", info: null);
        VfioIommuSpaprTceInfo info = session.Info();
        Assert.Equal((0u, 0x8000_0000u, VfioIommuSpaprInfoFlags.Ddw), (info.Dma32WindowStart, info.Dma32WindowSize, info.Flags));
        ulong memory = session.Registered(0x10000);
        Refused(Errno.ENXIO, session.Map(memory, info.Dma32WindowStart, 0x10000));
        Assert.Equal(KernelResult.Success, session.Map(memory, Dynamic, 0x10000));
    }

    [Fact]
    public void A_default_window_past_4_GiB_cannot_be_made()
    {
        using SpaprSession session = WideDefault("0800000000000000", "0000000200000000", info: "32-bit");
        Assert.Equal(0u, session.Info().Dma32WindowSize);
        ulong memory = session.Registered(0x10000);
        Refused(Errno.EINVAL, session.Map(memory, Dynamic, 0x10000));
        Refused(Errno.EINVAL, session.Map(memory, 0, 0x10000));
    }

    [Fact]
    public void A_64_bit_default_window_is_told_of_where_that_limit_is_lifted()
    {
        using SpaprSession session = WideDefault("0800000000000000", "0000000200000000", info: "64-bit");
        (VfioIommuSpaprTceInfo info, WideWindowInfo wide) = WideInfo(session, argsz: 48);
        Assert.Equal((0u, 0u), (info.Dma32WindowStart, info.Dma32WindowSize));
        Assert.Equal(VfioIommuSpaprInfoFlags.Ddw | WideWindowInfo.Flag, info.Flags);
        Assert.Equal(new WideWindowInfo(Dynamic, 0x2_0000_0000), wide);

        // What was told holds: both ends of it.
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, wide.Start, 0x10000));
        Assert.Equal(KernelResult.Success, session.Map(memory, wide.Start + wide.Size - 0x10000, 0x10000));
        Assert.True(session.Function.Dma!.Write(new Iova(wide.Start + wide.Size - 8), new byte[8]));
        Assert.Equal(KernelResult.Success, session.Remove(wide.Start));
        Assert.Equal(KernelResult.Success, session.Create(12, wide.Size, 1, out ulong start));
        Assert.Equal(wide.Start, start);
    }

    [Fact]
    public void A_program_that_leaves_no_room_for_the_64_bit_window_is_told_by_the_flag_alone()
    {
        using SpaprSession session = WideDefault("0800000000000000", "0000000200000000", info: "64-bit");
        (VfioIommuSpaprTceInfo info, WideWindowInfo wide) = WideInfo(session, argsz: 47);
        Assert.Equal(VfioIommuSpaprInfoFlags.Ddw | WideWindowInfo.Flag, info.Flags);
        Assert.Equal(default, wide);
    }

    [Fact]
    public void A_default_window_of_32_bits_is_told_of_as_ever()
    {
        using var session = new SpaprSession(PowerMachine.Load(PowerMachine.Pseries, machine => machine["defaultWindowInfo"] = "64-bit"));
        (VfioIommuSpaprTceInfo info, WideWindowInfo wide) = WideInfo(session, argsz: 48);
        Assert.Equal((0u, 0x4000_0000u, VfioIommuSpaprInfoFlags.Ddw), (info.Dma32WindowStart, info.Dma32WindowSize, info.Flags));
        Assert.Equal(default, wide);
    }

    [Fact]
    public void A_function_that_comes_while_VFIO_has_the_window_stays_without_one()
    {
        using var session = new SpaprSession(PowerMachine.Pseries);
        PciFunction added = Plug(session, "0000:00:02.0");
        Assert.Null(session.Host.Functions.Find(added.Address)!.Group);
        Refused(Errno.EINVAL, session.Host.Drivers.Bind(session.Host.Functions.Find(added.Address)!, "vfio-pci"));
        Assert.Equal(KernelResult.Success, session.UnsetContainer());
        Assert.False(ReachesMemory(session, added));
        Assert.True(ReachesMemory(session, session.Function));
    }

    [Fact]
    public void A_function_that_comes_while_the_endpoint_has_a_dynamic_window_joins_it()
    {
        using var session = new SpaprSession(PowerMachine.Pseries);
        Assert.Equal(KernelResult.Success, session.Create(16, 1UL << 32, 1, out _));
        PciFunction added = Plug(session, "0000:00:02.0");
        Assert.Same(session.Endpoint, session.Platform.GroupOf(added).Tables);
    }

    [Fact]
    public void A_function_that_comes_while_VFIO_has_the_window_gets_it_back_where_windows_are_kept()
    {
        using var session = new SpaprSession(PowerMachine.Load(PowerMachine.Pseries, machine => machine["hotplugWindows"] = "kept"));
        PciFunction added = Plug(session, "0000:00:02.0");
        Assert.Same(session.Endpoint, session.Platform.GroupOf(added).Tables);
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        Assert.True(added.Dma!.Write(new Iova(0), new byte[8]));
        Assert.Equal(KernelResult.Success, session.UnsetContainer());
        Assert.True(ReachesMemory(session, added));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("node", false)]
    [InlineData("kept", true)]
    public void A_function_without_a_node_has_a_window_only_where_windows_are_kept(string? setting, bool isKept)
    {
        using var session = new SpaprSession(PowerMachine.Load(PowerMachine.Pseries, machine => machine["hotplugWindows"] = setting));
        PciFunction added = Plug(session, "0009:00:01.0");
        FunctionBinding binding = session.Host.Functions.Find(added.Address)!;
        Assert.Equal(isKept, binding.Group is not null);
        Assert.Equal(isKept, ReachesMemory(session, added));
        if (!isKept) return;

        // Taken by VFIO and given back, it has its window again.
        Assert.Equal(KernelResult.Success, session.Host.Drivers.Bind(binding, "vfio-pci"));
        int group = (int)session.Process.Open($"/dev/vfio/{binding.Group!.Id}", OpenMode.ReadWrite).Value, container = session.OpenContainer();
        Assert.Equal(KernelResult.Success, session.SetContainer(group, container));
        Assert.Equal(KernelResult.Success, session.Process.Ioctl(container, VfioIoctl.SetIommu, VfioExtension.SpaprTceV2));
        Assert.Null(binding.Group.Platform.Tables!.Tables[0]);
        Assert.False(ReachesMemory(session, added));
        Assert.Equal(KernelResult.Success, session.Process.Close(group));
        Assert.True(ReachesMemory(session, added));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("one", false)]
    [InlineData("any", true)]
    public void A_window_of_two_levels_is_made_with_one_only_where_that_limit_is_lifted(string? setting, bool isMade)
    {
        using SpaprSession session = new(PowerMachine.Load(PowerMachine.Pseries, document => document["tableLevels"] = setting));
        Assert.Equal(KernelResult.Success, session.Remove(0));
        KernelResult created = session.Create(12, 1UL << 30, 2, out ulong start);
        Assert.Equal(isMade ? Errno.None : Errno.EINVAL, created.Errno);
        Assert.Equal(1u, session.Info().Ddw.Levels);
        if (!isMade) return;
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, start, 0x10000));
        Assert.True(session.Function.Dma!.Write(new Iova(start), new byte[8]));
    }

    [Theory]
    [InlineData("virtualFunctionWindows", "3", PowerMachine.Pseries)]
    [InlineData("virtualFunctionWindows", "2", PowerMachine.PowerNv)]
    [InlineData("defaultWindowInfo", "\"wide\"", PowerMachine.Pseries)]
    [InlineData("defaultWindowInfo", "\"64-bit\"", PowerMachine.PowerNv)]
    [InlineData("hotplugWindows", "\"lost\"", PowerMachine.Pseries)]
    [InlineData("hotplugWindows", "\"kept\"", PowerMachine.PowerNv)]
    [InlineData("tableLevels", "\"two\"", PowerMachine.Pseries)]
    [InlineData("tableLevels", "\"any\"", PowerMachine.PowerNv)]
    public void The_options_are_of_pseries_and_checked(string option, string value, string machine)
    {
        MachineFormatException refused = Assert.Throws<MachineFormatException>(() => PowerMachine.Load(machine, document => document[option] = JsonNode.Parse(value)));
        Assert.Contains("$." + option, refused.Message, StringComparison.Ordinal);
    }

    // A session with the first virtual function of the x86 machine's network card, put into segment 5.
    private static SpaprSession VirtualFunction(int? windows)
    {
        MachineDescription machine = PowerMachine.Load(PowerMachine.Pseries, document =>
        {
            document["virtualFunctionWindows"] = windows;
            document["aliases"]!["vf0"] = Virtual;
            JsonNode x86 = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "x86.json")))!;
            JsonNode card = x86["devices"]!.AsArray().First(device => device!["virtualFunction"] is not null)!.DeepClone();
            card["address"] = Physical;
            card["driver"] = "vfio-pci";
            document["devices"]!.AsArray().Add(card);
        });
        return new SpaprSession(machine, alias: "vf0", prepare: host =>
        {
            Assert.True(host.Sysfs.WriteText("/sys/module/vfio_pci/parameters/enable_sriov", "Y").IsSuccess);
            KernelResult made = host.Sysfs.WriteText($"/sys/bus/pci/devices/{Physical}/sriov_numvfs", "1");
            Assert.True(made.IsSuccess, made.ToString());
        });
    }

    // edu0 behind a host bridge whose firmware puts the default window elsewhere.
    private static SpaprSession WideDefault(string start, string size, string? info) => new(PowerMachine.Load(PowerMachine.Pseries, document =>
    {
        document["defaultWindowInfo"] = info;
        PowerMachine.Bridge(document, 0)["ibm,dma-window"] = "80000000" + start + size;
    }));

    private static (VfioIommuSpaprTceInfo Info, WideWindowInfo Wide) WideInfo(SpaprSession session, uint argsz)
    {
        var argument = new Extended { Info = new VfioIommuSpaprTceInfo { Argsz = argsz } };
        Assert.Equal(KernelResult.Success, session.Ioctl(session.Container, VfioIoctl.IommuSpaprTceGetInfo, ref argument));
        return (argument.Info, argument.Wide);
    }

    private static PciFunction Plug(SpaprSession session, string address)
    {
        Assert.True(PciAddress.TryParse(address, out PciAddress place));
        DeviceDescription edu = session.Platform.Machine.Devices.First(device => device.Model == "edu");
        PciFunction added = DeviceCatalog.Default.Create(edu with { Address = place, Alias = null })!;
        Assert.Equal(KernelResult.Success, session.Host.Functions.Add(added, out _));
        return added;
    }

    // As a host's driver has it: an entry of its endpoint's default window, and DMA through it.
    private static bool ReachesMemory(SpaprSession session, PciFunction function)
    {
        if (session.Host.Functions.Find(function.Address)!.Group?.Platform.Tables!.Tables[0] is not { UserAddresses: null } window) return function.Dma!.Write(new Iova(0), new byte[8]);
        using IPinnedMemory memory = session.Caller.Memory.Pin(session.Anonymous(0x10000), 0x10000, forWriting: true)!;
        PinnedRange range = session.Platform.Memory.TryPlace(memory)!;
        (ulong address, TcePermission permissions) = (range.Start, TcePermission.ReadWrite);
        Assert.Equal(KernelResult.Success, window.Exchange(window.FirstEntry, ref address, ref permissions));
        bool reached = function.Dma!.Write(new Iova(window.Start), new byte[8]);
        (address, permissions) = (0, TcePermission.None);
        Assert.Equal(KernelResult.Success, window.Exchange(window.FirstEntry, ref address, ref permissions));
        session.Platform.Memory.Remove(range);
        return reached;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Extended
    {
        public VfioIommuSpaprTceInfo Info;
        public WideWindowInfo Wide;
    }
}
