// SPDX-License-Identifier: MIT
using VfioSharp.Devices;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Tests.Software;

/// <summary>The x86 machine on the software host, with edu0's group in a container.</summary>
internal sealed class SoftwareMachine : IDisposable
{
    /// <summary>edu0, alone in its group.</summary>
    public static readonly PciAddress Edu = new(0, 3, 0, 0);

    private readonly SoftwareHost _host;

    public SoftwareMachine()
    {
        _host = new SoftwareHost(new X86Platform(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "x86.json")), DeviceCatalog.Default));
        Kernel = new SoftwareKernel(_host);
        Container = VfioContainer.Open(Kernel);
        Group = VfioGroup.Open(Kernel, Edu);
        Container.AddGroup(Group);
        Container.SetIommu();
    }

    public IVfioKernel Kernel { get; }

    public VfioContainer Container { get; }

    public VfioGroup Group { get; }

    public void Dispose()
    {
        Group.Dispose();
        Container.Dispose();
        Kernel.Dispose();
        _host.Dispose();
    }
}
