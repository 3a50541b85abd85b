// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Devices;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Iommu;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using static VfioSharp.Host.Tests.VfioPci.KernelResultAssert;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>A platform that cannot read a TCE back: left-overs could not be cleaned, so the driver does not register.</summary>
public sealed class RegistrationOfTheDriverTests
{
    [Fact]
    public void The_driver_refuses_a_platform_that_cannot_read_an_entry_back()
    {
        Refused(Errno.EOPNOTSUPP, SpaprTceModule.TryRegister(Platform(readsBack: false), Fidelity.Linux, out IIommuDriverModule? module));
        Assert.Null(module);
        Assert.Equal(KernelResult.Success, SpaprTceModule.TryRegister(Platform(readsBack: true), Fidelity.Linux, out module));
        Assert.NotNull(module);
    }

    [Theory]
    [InlineData(VfioExtension.SpaprTce)]
    [InlineData(VfioExtension.SpaprTceV2)]
    public void Without_the_driver_SetIommu_returns_ENODEV_with_the_reason(uint type)
    {
        using var host = new SoftwareHost(Platform(readsBack: false));
        using SoftwareProcess process = host.CreateProcess("test");
        int container = (int)process.Open("/dev/vfio/vfio", OpenMode.ReadWrite).Value;
        Assert.Equal(KernelResult.Success, process.Ioctl(container, VfioIoctl.CheckExtension, type));
        int group = (int)process.Open("/dev/vfio/0", OpenMode.ReadWrite).Value;
        ulong argument = (ulong)process.MapAnonymous(4096, 4096, MemoryProtection.ReadWrite, MemoryKind.Private).Value;
        process.Memory.TryWrite(argument, MemoryMarshal.AsBytes(new Span<int>(ref container)));
        Assert.Equal(KernelResult.Success, process.Ioctl(group, VfioIoctl.GroupSetContainer, argument));
        KernelResult result = process.Ioctl(container, VfioIoctl.SetIommu, type);
        Refused(Errno.ENODEV, result);
        Assert.Contains("cannot read an entry of a TCE table back", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_option_is_pseries_alone()
    {
        MachineFormatException refused = Assert.Throws<MachineFormatException>(() => PowerMachine.Load(PowerMachine.PowerNv, machine => machine["tceReadBack"] = false));
        Assert.Contains("$.tceReadBack", refused.Message, StringComparison.Ordinal);
    }

    private static PowerPlatform Platform(bool readsBack) =>
        (PowerPlatform)MachinePlatform.Create(PowerMachine.Load(PowerMachine.Pseries, machine => machine["tceReadBack"] = readsBack), DeviceCatalog.Default);
}
