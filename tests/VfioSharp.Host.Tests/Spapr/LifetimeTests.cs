// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Iommu;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using static VfioSharp.Host.Tests.VfioPci.KernelResultAssert;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>How containers, groups and devices go: in every order nothing stays behind.</summary>
[Collection(nameof(Alone))]
public sealed class LifetimeTests
{
    public static TheoryData<string, bool, string> Orders
    {
        get
        {
            var data = new TheoryData<string, bool, string>();
            foreach (string machine in new[] { PowerMachine.PowerNv, PowerMachine.Pseries })
            {
                foreach (bool isV2 in new[] { false, true })
                {
                    foreach (string order in new[] { "cgd", "cdg", "gcd", "gdc", "dcg", "dgc" }) data.Add(machine, isV2, order);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void Closing_descriptors_in_any_order_lets_everything_go(string machine, bool isV2, string order)
    {
        long tables = TceTable.LiveBytes, blocks = MemoryBacking.LiveBytes;
        using (var session = new SpaprSession(machine, isV2 ? VfioExtension.SpaprTceV2 : VfioExtension.SpaprTce))
        {
            ulong memory = session.Ready(0x40000, isV2);
            Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x40000));
            if (isV2)
            {
                Assert.Equal(KernelResult.Success, session.Create(16, 1UL << 30, 1, out ulong start));
                Assert.Equal(KernelResult.Success, session.Map(memory, start, session.Page == 0x10000 ? 0x40000ul : 0));
            }

            int device = session.OpenDevice("edu0", session.Group);
            string open = order;
            foreach (char which in order)
            {
                // A device keeps its group, and that its container: entries stay while DMA could come.
                if (open != "c") Assert.NotEqual(0, session.Platform.Memory.Count);
                session.Close(which switch { 'c' => session.Container, 'g' => session.Group, _ => device });
                open = open[1..];
            }

            Assert.Equal(0, session.Platform.Memory.Count);
            Assert.Equal(0, session.Caller.Locked.Pages);
            Assert.Equal(0, session.Caller.Registered.Count);
        }

        Assert.Equal(tables, TceTable.LiveBytes);
        Assert.Equal(blocks, MemoryBacking.LiveBytes);
    }

    [Theory]
    [MemberData(nameof(PowerMachine.All), MemberType = typeof(PowerMachine))]
    public void Exit_with_everything_open_lets_everything_go(string machine)
    {
        using var session = new SpaprSession(machine);
        ulong memory = session.Registered(0x40000);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x40000));
        session.OpenDevice("edu0", session.Group);
        session.Exit();
        using SoftwareProcess next = session.Host.CreateProcess("next");
        Assert.True(next.Open($"/dev/vfio/{session.Platform.GroupOf(session.Function).Id}", OpenMode.ReadWrite).IsSuccess);
    }

    [Theory]
    [InlineData(VfioExtension.SpaprTce)]
    [InlineData(VfioExtension.SpaprTceV2)]
    public void A_container_that_never_had_a_group_is_released(uint type)
    {
        using var session = new SpaprSession(PowerMachine.Pseries);
        IIommuDriver driver = Open(session, type);
        driver.Release();
        int container = session.OpenContainer();
        Refused(Errno.EINVAL, session.Process.Ioctl(container, VfioIoctl.SetIommu, type));
        session.Close(container);
    }

    [Theory]
    [InlineData(VfioExtension.SpaprTce)]
    [InlineData(VfioExtension.SpaprTceV2)]
    public void GetInfo_without_a_group_returns_ENXIO_before_it_looks_at_the_argument(uint type)
    {
        using var session = new SpaprSession(PowerMachine.PowerNv);
        IIommuDriver driver = Open(session, type);
        Refused(Errno.ENXIO, driver.Ioctl(session.Caller, VfioIoctl.IommuSpaprTceGetInfo, 0));
        if (type == VfioExtension.SpaprTceV2)
        {
            Refused(Errno.ENXIO, driver.Ioctl(session.Caller, VfioIoctl.IommuSpaprTceCreate, 0));
            Refused(Errno.ENXIO, driver.Ioctl(session.Caller, VfioIoctl.IommuSpaprTceRemove, 0));
        }
        else
        {
            Refused(Errno.ENODEV, driver.Ioctl(session.Caller, VfioIoctl.IommuEnable, 0));
        }

        driver.Release();
    }

    [Fact]
    public void Detaching_a_group_that_is_not_the_containers_changes_nothing()
    {
        using var session = new SpaprSession(PowerMachine.PowerNv);
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        IIommuDriver other = Open(session, VfioExtension.SpaprTceV2);
        other.DetachGroup(session.Host.Functions.FindGroup(session.Platform.GroupOf(session.Function).Id)!);
        Assert.NotEqual(0ul, session.Entry(0));
        other.Release();
    }

    [Fact]
    public void A_second_group_in_a_version_1_container_returns_EBUSY_with_both_numbers()
    {
        using var session = new SpaprSession(PowerMachine.PowerNv, VfioExtension.SpaprTce);
        KernelResult result = session.SetContainer(session.OpenGroup("edu1"), session.Container);
        Refused(Errno.EBUSY, result);
        Assert.Contains($"group {session.Platform.GroupOf(session.FunctionOf("edu0")).Id}", result.Reason, StringComparison.Ordinal);
        Assert.Contains($"group {session.Platform.GroupOf(session.FunctionOf("edu1")).Id}", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_without_tables_is_ENODEV_when_it_is_attached()
    {
        using var session = new SpaprSession(PowerMachine.PowerNv);
        IIommuDriver driver = Open(session, VfioExtension.SpaprTceV2);
        var bare = new IommuGroup(new PlatformGroup(99, [], [], 4096, new Iova(0), new Iova(4095)));
        Refused(Errno.ENODEV, driver.AttachGroup(bare));
        driver.Release();
    }

    [Theory]
    [InlineData(5, Errno.EINVAL)] // EEH passes CHECK_EXTENSION and is no type.
    [InlineData(1, Errno.ENODEV)]
    [InlineData(99, Errno.ENODEV)]
    public void SetIommu_of_another_type_is_refused(uint type, Errno errno)
    {
        using var session = new SpaprSession(PowerMachine.PowerNv);
        int container = session.OpenContainer();
        Assert.Equal(KernelResult.Success, session.SetContainer(session.OpenGroup("edu1"), container));
        Refused(errno, session.Process.Ioctl(container, VfioIoctl.SetIommu, type));
    }

    [Theory]
    [MemberData(nameof(PowerMachine.Platforms), MemberType = typeof(PowerMachine))]
    public void An_unknown_request_returns_ENOTTY(string machine)
    {
        using var session = new SpaprSession(machine);
        Refused(Errno.ENOTTY, session.Process.Ioctl(session.Container, 0x3bff, 0));
        Refused(Errno.ENOTTY, session.Enable());
    }

    private static IIommuDriver Open(SpaprSession session, uint type)
    {
        var kernel = new SpaprKernel(session.Platform.PageSize, session.Platform.Machine.RamBytes, session.Platform.Memory, session.Platform.Trace, Fidelity.Linux);
        Assert.Equal(KernelResult.Success, new SpaprTceModule(kernel, () => false).Open(type, out IIommuDriver? driver));
        return driver!;
    }
}
