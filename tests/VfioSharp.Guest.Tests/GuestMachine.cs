// SPDX-License-Identifier: MIT
using VfioSharp.Devices;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Memory;
using VfioSharp.Host;
using VfioSharp.Host.Iommu;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests;

/// <summary>A software host, and a virtual machine's memory and devices on it.</summary>
internal sealed class GuestMachine : IDisposable
{
    private readonly SoftwareKernel _software;
    private readonly WatchedKernel _watched;
    private readonly List<VfioMapping> _memories = [];

    /// <param name="machine">One of machines/*.json.</param>
    public GuestMachine(string machine = "x86")
    {
        MachineDescription description = MachineFile.Load(Path.Combine(AppContext.BaseDirectory, machine + ".json"), DeviceCatalog.Default);
        Host = new SoftwareHost(MachinePlatform.Create(description, DeviceCatalog.Default));
        _software = new SoftwareKernel(Host, "guest");
        _watched = new WatchedKernel(_software);
        Root = new ContainerRegion(Topology, "memory", ulong.MaxValue);
        Memory = new GuestAddressSpace(Topology, Root);
        Devices = new HostDevices(_watched, Memory, Failures.Add);
    }

    public SoftwareHost Host { get; }

    /// <summary>The kernel the guest's devices are used through.</summary>
    public WatchedKernel Kernel => _watched;

    /// <summary>The guest's process on the host.</summary>
    public SoftwareKernel Software => _software;

    public MemoryTopology Topology { get; } = new();

    /// <summary>The root of the guest's memory.</summary>
    public ContainerRegion Root { get; }

    /// <summary>The guest's memory as its processors see it.</summary>
    public GuestAddressSpace Memory { get; }

    public HostDevices Devices { get; }

    /// <summary>What failed while the guest ran.</summary>
    public List<DmaFailure> Failures { get; } = [];

    public ulong PageSize => (ulong)Kernel.PageSize;

    /// <summary>Memory of this process, which ends with the machine.</summary>
    public VfioMapping Allocate(ulong size)
    {
        Assert.True(Kernel.AllocateMemory(size, out VfioMapping? memory).IsSuccess);
        _memories.Add(memory!);
        return memory!;
    }

    /// <summary>RAM of the guest at an address.</summary>
    public RamRegion AddRam(ulong address, ulong size, string name = "ram", bool isReadOnly = false)
    {
        var ram = new RamRegion(Topology, name, Allocate(size), isReadOnly);
        Root.Add(ram, address);
        return ram;
    }

    /// <summary>What the host's IOMMU translates an address of a device to: the address in this process and the access; none: it faults.</summary>
    public DmaAccess Translate(PciAddress device, ulong iova)
    {
        if (Host.Functions.Find(device)?.Group?.Domain is not { } domain) return DmaAccess.None;
        int epoch = domain.BeginAccess();
        DmaTranslation found = domain.Translate(iova, new Iotlb());
        domain.EndAccess(epoch);
        return found.Memory is null ? DmaAccess.None : (DmaAccess)found.Access;
    }

    /// <summary>A byte as a device reads it past its permissions; null: nothing is mapped.</summary>
    public byte? Peek(PciAddress device, ulong iova)
    {
        if (Host.Functions.Find(device)?.Group?.Domain is not { } domain) return null;
        int epoch = domain.BeginAccess();
        try
        {
            DmaTranslation found = domain.Translate(iova, new Iotlb());
            Span<byte> value = stackalloc byte[1];
            return found.Memory is not null && found.Memory.Read(found.Offset, value) ? value[0] : null;
        }
        finally
        {
            domain.EndAccess(epoch);
        }
    }

    public void Dispose()
    {
        Devices.Dispose();
        foreach (VfioMapping memory in _memories) memory.Dispose();
        Kernel.Dispose();
        Host.Dispose();
    }
}
