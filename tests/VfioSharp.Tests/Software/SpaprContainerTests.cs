// SPDX-License-Identifier: MIT
using VfioSharp.Devices;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;
using VfioSharp.Samples;

namespace VfioSharp.Tests.Software;

/// <summary>The client on POWER machines of the software host.</summary>
public sealed class SpaprContainerTests
{
    private static readonly PciAddress s_edu = new(1, 0, 1, 0);

    [Theory]
    [InlineData("powernv")]
    [InlineData("pseries")]
    public void SetIommu_takes_version_2(string machine)
    {
        using var session = new Session(machine);
        session.Container.SetIommu();
        Assert.Equal(IommuType.SpaprTceV2, session.Container.IommuType);
        Assert.Equal(2u, session.Container.Spapr!.GetInfo().MaxWindows);
    }

    [Theory]
    [InlineData("powernv")]
    [InlineData("pseries")]
    public void TryMapDma_of_an_IOVA_off_its_page_returns_EINVAL(string machine)
    {
        using var session = new Session(machine);
        session.Container.SetIommu();
        using DmaBuffer memory = session.Container.AllocateDma(new Iova(0x100000), 0x1000, DmaAccess.Read);
        KernelResult result = session.Container.TryMapDma(new Iova(0x200800), 0x10000, 0x1000, DmaAccess.Read);
        Assert.Equal(Errno.EINVAL, result.Errno);
    }

    [Theory]
    [InlineData("powernv")]
    [InlineData("pseries")]
    public void RemoveWindow_removes_the_window_that_begins_there_once(string machine)
    {
        using var session = new Session(machine);
        session.Container.SetIommu();
        Iova start = session.Container.Spapr!.GetInfo().DefaultWindowStart;
        session.Container.Spapr.RemoveWindow(start);
        Assert.Equal(Errno.EINVAL, Assert.Throws<VfioException>(() => session.Container.Spapr.RemoveWindow(start)).Errno);
    }

    [Theory]
    [InlineData("powernv")]
    [InlineData("pseries")]
    public void Sample_driver_works_through_the_default_window_and_a_dynamic_one(string machine)
    {
        using var session = new Session(machine);
        session.Container.SetIommu();
        using VfioDevice device = session.Group.OpenDevice(s_edu);
        using var edu = new EduDriver(device);
        using DmaBuffer low = session.Container.AllocateDma(new Iova(0x100000), 0x2000, DmaAccess.Read);
        using DmaWindow window = session.Container.Spapr!.CreateWindow(0x1000, 1ul << 30);
        using DmaBuffer high = session.Container.AllocateDma(window.Start + 0x4000, 0x2000, DmaAccess.ReadWrite);
        Assert.True(window.Start.Value >= 1ul << 32);
        low.Write(0x1ff0, "sixteen bytes..."u8);
        edu.ReadMemory(low.Iova + 0x1ff0, 16);
        edu.WriteMemory(high.Iova + 8, 16);
        byte[] back = new byte[16];
        high.Read(8, back);
        Assert.Equal("sixteen bytes..."u8.ToArray(), back);
    }

    [Fact]
    public void Window_removed_makes_room_for_another()
    {
        using var session = new Session("powernv");
        session.Container.SetIommu();
        DmaWindow window = session.Container.Spapr!.CreateWindow(0x1000, 1ul << 30);
        VfioException refusal = Assert.Throws<VfioException>(() => session.Container.Spapr.CreateWindow(0x1000, 1ul << 30));
        Assert.Equal(Errno.ENOSPC, refusal.Errno);
        window.Remove();
        session.Container.Spapr.CreateWindow(0x10000, 1ul << 32, 2).Dispose();
    }

    [Fact]
    public void RemoveDefaultWindow_leaves_none_to_map_in()
    {
        using var session = new Session("powernv");
        session.Container.SetIommu();
        session.Container.Spapr!.RemoveDefaultWindow();
        Assert.Equal(Errno.ENXIO, Assert.Throws<VfioException>(() => session.Container.AllocateDma(new Iova(0), 0x1000, DmaAccess.Read)).Errno);
    }

    [Fact]
    public void Version_1_charges_the_whole_default_window_while_enabled()
    {
        using var session = new Session("pseries");
        session.Container.SetIommu(IommuType.SpaprTce);
        SpaprIommu spapr = session.Container.Spapr!;
        Assert.Equal(0u, spapr.GetInfo().MaxWindows);
        Assert.Equal(Errno.EPERM, Assert.Throws<VfioException>(() => session.Container.AllocateDma(new Iova(0), 0x1000, DmaAccess.Read)).Errno);
        spapr.Enable();
        Assert.Equal(spapr.GetInfo().DefaultWindowSize, session.Kernel.Process.Caller.Locked.Bytes);
        session.Container.AllocateDma(new Iova(0), 0x1000, DmaAccess.Read).Dispose();
        spapr.Disable();

        // What stays is the table that the first mapping made: 8 bytes for each 4 KiB.
        Assert.Equal(spapr.GetInfo().DefaultWindowSize >> 9, session.Kernel.Process.Caller.Locked.Bytes);
    }

    [Theory]
    [InlineData("powernv")]
    [InlineData("pseries")]
    public void Frozen_endpoint_works_again_after_a_reset(string machine)
    {
        using var session = new Session(machine);
        session.Container.SetIommu();
        using VfioDevice device = session.Group.OpenDevice(s_edu);
        SpaprErrorHandling errors = session.Container.Spapr!.ErrorHandling;
        errors.Enable();
        Assert.True(session.Host.Freeze(s_edu, Host.Eeh.PeFreeze.All).IsSuccess);
        Assert.Equal(EndpointState.Stopped, errors.GetState());
        errors.Reset();
        Assert.Equal(EndpointState.Normal, errors.GetState());
        using var edu = new EduDriver(device);
        Assert.Equal(EduDriver.Identification, edu.Identify());
    }

    private sealed class Session : IDisposable
    {
        public Session(string machine)
        {
            Host = new SoftwareHost(MachinePlatform.Create(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, machine + ".json")), DeviceCatalog.Default));
            Kernel = new SoftwareKernel(Host);
            Container = VfioContainer.Open(Kernel);
            Group = VfioGroup.Open(Kernel, s_edu);
            Container.AddGroup(Group);
        }

        public SoftwareHost Host { get; }

        public SoftwareKernel Kernel { get; }

        public VfioContainer Container { get; }

        public VfioGroup Group { get; }

        public void Dispose()
        {
            Group.Dispose();
            Container.Dispose();
            Kernel.Dispose();
            Host.Dispose();
        }
    }
}
