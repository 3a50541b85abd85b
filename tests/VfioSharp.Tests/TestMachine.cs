// SPDX-License-Identifier: MIT
using VfioSharp.Pci;

namespace VfioSharp.Tests;

/// <summary>A container, a group and a device of a <see cref="FakeKernel"/>, opened.</summary>
internal sealed class TestMachine : IDisposable
{
    public static readonly PciAddress Address = new(0, 3, 0, 0);

    public TestMachine(FakeKernel? kernel = null)
    {
        Kernel = kernel ?? new FakeKernel();
        Container = VfioContainer.Open(Kernel);
        Group = VfioGroup.Open(Kernel, 15);
        Container.AddGroup(Group);
        Container.SetIommu();
        Device = Group.OpenDevice(Address);
        Kernel.Log.Clear();
    }

    public FakeKernel Kernel { get; }

    public VfioContainer Container { get; }

    public VfioGroup Group { get; }

    public VfioDevice Device { get; }

    public void Dispose()
    {
        Device.Dispose();
        Group.Dispose();
        Container.Dispose();
    }
}
