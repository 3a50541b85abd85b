// SPDX-License-Identifier: MIT
using System.Text.Json.Nodes;
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

/// <summary>Groups and endpoints are the platform's: they are there without VFIO, and functions come to them and go.</summary>
[Collection(nameof(Alone))]
public sealed class PlatformGroupTests
{
    [Theory]
    [MemberData(nameof(PowerMachine.All), MemberType = typeof(PowerMachine))]
    public void Groups_exist_without_a_VFIO_driver(string machine)
    {
        using SoftwareHost host = Start(PowerMachine.Load(machine, Unbind), out PowerPlatform platform);
        Assert.Equal(["vfio"], host.NodeNames());
        Assert.True(host.Sysfs.ListNames("/sys/kernel/iommu_groups", out IReadOnlyList<string>? groups).IsSuccess);
        Assert.Equal(6, groups!.Count);
        PciFunction edu = platform.FindAlias("edu0")!;
        Assert.True(host.Sysfs.ReadLink($"/sys/bus/pci/devices/{edu.Address}/iommu_group", out string? link).IsSuccess);
        Assert.EndsWith($"/iommu_groups/{platform.GroupOf(edu).Id}", link, StringComparison.Ordinal);

        // The host's own DMA needs no VFIO either.
        Assert.NotNull(platform.GroupOf(edu).Tables!.Tables[0]);
    }

    [Fact]
    public void A_device_without_a_window_is_in_no_group_and_that_is_no_error()
    {
        using SoftwareHost host = Start(PowerMachine.Load(PowerMachine.Pseries, machine =>
        {
            PowerMachine.Bridge(machine, 0).Remove("ibm,dma-window");
            PowerMachine.Device(machine, "0000:00:01.0").AsObject().Remove("driver");
        }), out PowerPlatform platform);
        PciFunction edu = platform.FindAlias("edu0")!;
        FunctionBinding binding = host.Functions.Find(edu.Address)!;
        Assert.Null(binding.Group);
        Assert.Equal(5, host.Functions.Groups.Count());
        Refused(Errno.EINVAL, host.Drivers.Bind(binding, "vfio-pci"));
        Assert.False(edu.Dma!.Write(new Iova(0), new byte[8]));
        Assert.Equal(KernelResult.Success, host.Drivers.Bind(host.Functions.Find(platform.FindAlias("edu1")!.Address)!, "vfio-pci"));
    }

    [Theory]
    [MemberData(nameof(PowerMachine.Platforms), MemberType = typeof(PowerMachine))]
    public void A_device_in_a_group_already_returns_EBUSY_and_is_skipped(string machine)
    {
        using SoftwareHost host = Start(PowerMachine.Load(machine), out PowerPlatform platform);
        PciFunction edu = platform.FindAlias("edu0")!;
        FunctionBinding there = host.Functions.Find(edu.Address)!;
        int members = there.Group!.Members.Length, functions = platform.Functions.Count;
        Refused(Errno.EBUSY, host.Functions.Add(edu, out FunctionBinding? binding));
        Assert.Same(there, binding);
        Refused(Errno.EEXIST, host.Functions.Add(NewFunction(platform, edu.Address), out _));
        Assert.Equal(members, there.Group.Members.Length);
        Assert.Equal(functions, platform.Functions.Count);
    }

    [Theory]
    [InlineData(PowerMachine.PowerNv, "0001:01:00.1")]
    [InlineData(PowerMachine.Pseries, "0001:00:02.0")]
    public void A_function_that_comes_joins_its_endpoint_and_uses_its_window(string machine, string address)
    {
        using SoftwareHost host = Start(PowerMachine.Load(machine), out PowerPlatform platform);
        PciFunction edu = platform.FindAlias("edu1")!;
        Assert.True(PciAddress.TryParse(address, out PciAddress place));
        PciFunction added = NewFunction(platform, place);
        Assert.Equal(KernelResult.Success, host.Functions.Add(added, out FunctionBinding? binding));
        Assert.Same(host.Functions.Find(edu.Address)!.Group, binding!.Group);
        Assert.Same(platform.GroupOf(edu), platform.GroupOf(added));
        Assert.True(host.Sysfs.ListNames($"/sys/kernel/iommu_groups/{binding.Group!.Id}/devices", out IReadOnlyList<string>? names).IsSuccess);
        Assert.Contains(address, names!);

        host.Functions.Remove(binding);
        Assert.DoesNotContain(added, platform.GroupOf(edu).Functions);
        Assert.DoesNotContain(binding, host.Functions.Find(edu.Address)!.Group!.Members);
    }

    [Theory]
    [MemberData(nameof(PowerMachine.Platforms), MemberType = typeof(PowerMachine))]
    public void A_group_goes_with_its_last_function_and_comes_again(string machine)
    {
        long tables = TceTable.LiveBytes;
        using (SoftwareHost host = Start(PowerMachine.Load(machine, Unbind), out PowerPlatform platform))
        {
            PciFunction edu = platform.FindAlias("edu1")!;
            FunctionBinding binding = host.Functions.Find(edu.Address)!;
            int id = binding.Group!.Id, functions = binding.Group.Members.Length;
            Assert.Equal(1, functions);
            host.Functions.Remove(binding);
            Assert.Null(host.Functions.FindGroup(id));
            PciFunction again = NewFunction(platform, edu.Address);
            Assert.Equal(KernelResult.Success, host.Functions.Add(again, out FunctionBinding? added));
            Assert.NotNull(added!.Group);
            Assert.NotNull(added.Group.Platform.Tables!.Tables[0]);
            Assert.Equal(KernelResult.Success, host.Drivers.Bind(added, "vfio-pci"));
            Assert.Contains($"{added.Group.Id}", host.NodeNames());
        }

        Assert.Equal(tables, TceTable.LiveBytes);
    }

    [Fact]
    public void Unbinding_the_VFIO_driver_takes_the_node_and_leaves_the_group()
    {
        using SoftwareHost host = Start(PowerMachine.Load(PowerMachine.PowerNv), out PowerPlatform platform);
        PciFunction edu = platform.FindAlias("edu0")!;
        FunctionBinding binding = host.Functions.Find(edu.Address)!;
        Assert.Equal(KernelResult.Success, host.Drivers.Unbind(binding, "vfio-pci"));
        Assert.DoesNotContain($"{binding.Group!.Id}", host.NodeNames());
        Assert.Same(binding.Group, host.Functions.FindGroup(binding.Group.Id));
    }

    private static SoftwareHost Start(MachineDescription machine, out PowerPlatform platform)
    {
        platform = (PowerPlatform)MachinePlatform.Create(machine, DeviceCatalog.Default);
        return new SoftwareHost(platform);
    }

    private static PciFunction NewFunction(PowerPlatform platform, PciAddress address)
    {
        DeviceDescription edu = platform.Machine.Devices.First(device => device.Model == "edu");
        return DeviceCatalog.Default.Create(edu with { Address = address, Alias = null })!;
    }

    private static void Unbind(JsonNode machine)
    {
        foreach (JsonNode? device in machine["devices"]!.AsArray()) device!.AsObject().Remove("driver");
    }
}
