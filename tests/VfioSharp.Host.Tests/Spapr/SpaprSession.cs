// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using System.Text;
using VfioSharp.Abi.Vfio;
using VfioSharp.Devices;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>A process on a POWER machine with edu0's group in a container whose IOMMU is set. Its calls may come from several threads.</summary>
internal sealed class SpaprSession : IDisposable
{
    private readonly ThreadLocal<ulong> _argument;
    private readonly HashSet<int> _open = [];

    public SpaprSession(string machine, uint type = VfioExtension.SpaprTceV2, Fidelity fidelity = Fidelity.Linux)
        : this(PowerMachine.Load(machine), type, fidelity)
    {
    }

    public SpaprSession(MachineDescription machine, uint type = VfioExtension.SpaprTceV2, Fidelity fidelity = Fidelity.Linux, string alias = "edu0", Action<SoftwareHost>? prepare = null)
    {
        Platform = (PowerPlatform)MachinePlatform.Create(machine, DeviceCatalog.Default);
        Host = new SoftwareHost(Platform, fidelity);
        prepare?.Invoke(Host);
        Process = Host.CreateProcess("test");
        _argument = new ThreadLocal<ulong>(() => Anonymous(4096));
        Alias = alias;
        (Container, Group) = OpenPair(alias, type);
    }

    public PowerPlatform Platform { get; }

    public SoftwareHost Host { get; }

    public SoftwareProcess Process { get; }

    public Caller Caller => Process.Caller;

    public string Alias { get; }

    public int Container { get; }

    public int Group { get; }

    /// <summary>Bytes of a system page.</summary>
    public ulong Page => (ulong)Platform.PageSize;

    public bool IsPowerNv => Platform.Machine.Platform == PlatformKind.PowerNv;

    public PciFunction Function => FunctionOf(Alias);

    /// <summary>The endpoint of the session's group.</summary>
    public IommuTableGroup Endpoint => EndpointOf(Alias);

    /// <summary>The default window as the container has it.</summary>
    public IommuTable Window => Endpoint.Tables[0]!;

    public PciFunction FunctionOf(string alias) => Platform.FindAlias(alias)!;

    public IommuTableGroup EndpointOf(string alias) => Platform.GroupOf(FunctionOf(alias)).Tables!;

    public ulong Anonymous(ulong bytes, MemoryProtection protection = MemoryProtection.ReadWrite, MemoryKind kind = MemoryKind.Private)
    {
        KernelResult mapped = Process.MapAnonymous(bytes, 0x10000, protection, kind);
        Assert.True(mapped.IsSuccess, mapped.ToString());
        return (ulong)mapped.Value;
    }

    /// <summary>A container with an alias' group in it and its IOMMU set.</summary>
    public (int Container, int Group) OpenPair(string alias, uint type = VfioExtension.SpaprTceV2)
    {
        int container = OpenContainer();
        int group = OpenGroup(alias);
        Assert.Equal(KernelResult.Success, SetContainer(group, container));
        Assert.Equal(KernelResult.Success, Process.Ioctl(container, VfioIoctl.SetIommu, type));
        return (container, group);
    }

    public int OpenContainer() => Keep(Process.Open("/dev/vfio/vfio", OpenMode.ReadWrite));

    public int OpenGroup(string alias) => Keep(Process.Open($"/dev/vfio/{Platform.GroupOf(FunctionOf(alias)).Id}", OpenMode.ReadWrite));

    public int OpenDevice(string alias, int group)
    {
        Span<byte> name = stackalloc byte[16];
        Encoding.ASCII.GetBytes(FunctionOf(alias).Address.ToString(), name);
        Process.Memory.TryWrite(_argument.Value, name);
        return Keep(Process.Ioctl(group, VfioIoctl.GroupGetDeviceFd, _argument.Value));
    }

    public void Close(int descriptor)
    {
        Assert.True(_open.Remove(descriptor));
        Assert.Equal(KernelResult.Success, Process.Close(descriptor));
    }

    public KernelResult SetContainer(int group, int container) => Ioctl(group, VfioIoctl.GroupSetContainer, ref container);

    public KernelResult UnsetContainer() => Process.Ioctl(Group, VfioIoctl.GroupUnsetContainer, 0);

    public KernelResult Map(ulong vaddr, ulong iova, ulong size, uint flags = VfioDmaMapFlags.Read | VfioDmaMapFlags.Write, int? container = null)
    {
        var argument = new VfioIommuType1DmaMap { Argsz = 32, Flags = flags, Vaddr = vaddr, Iova = iova, Size = size };
        return Ioctl(container ?? Container, VfioIoctl.IommuMapDma, ref argument);
    }

    public KernelResult Unmap(ulong iova, ulong size, int? container = null)
    {
        var argument = new VfioIommuType1DmaUnmap { Argsz = 24, Iova = iova, Size = size };
        return Ioctl(container ?? Container, VfioIoctl.IommuUnmapDma, ref argument);
    }

    public KernelResult Register(ulong vaddr, ulong size, int? container = null) => Registration(VfioIoctl.IommuSpaprRegisterMemory, vaddr, size, container);

    public KernelResult Unregister(ulong vaddr, ulong size, int? container = null) => Registration(VfioIoctl.IommuSpaprUnregisterMemory, vaddr, size, container);

    public KernelResult Create(uint pageShift, ulong size, uint levels, out ulong start, int? container = null)
    {
        var argument = new VfioIommuSpaprTceCreate { Argsz = 40, PageShift = pageShift, WindowSize = size, Levels = levels, StartAddr = ulong.MaxValue };
        KernelResult result = Ioctl(container ?? Container, VfioIoctl.IommuSpaprTceCreate, ref argument);
        start = argument.StartAddr;
        return result;
    }

    public KernelResult Remove(ulong start, int? container = null)
    {
        var argument = new VfioIommuSpaprTceRemove { Argsz = 16, StartAddr = start };
        return Ioctl(container ?? Container, VfioIoctl.IommuSpaprTceRemove, ref argument);
    }

    public VfioIommuSpaprTceInfo Info(int? container = null)
    {
        var info = new VfioIommuSpaprTceInfo { Argsz = 32 };
        Assert.Equal(KernelResult.Success, Ioctl(container ?? Container, VfioIoctl.IommuSpaprTceGetInfo, ref info));
        return info;
    }

    public KernelResult Enable() => Process.Ioctl(Container, VfioIoctl.IommuEnable, 0);

    public KernelResult Disable() => Process.Ioctl(Container, VfioIoctl.IommuDisable, 0);

    public KernelResult Ioctl<T>(int descriptor, uint request, ref T argument)
        where T : unmanaged
    {
        Process.Memory.TryWrite(_argument.Value, MemoryMarshal.AsBytes(new Span<T>(ref argument)));
        KernelResult result = Process.Ioctl(descriptor, request, _argument.Value);
        Process.Memory.TryRead(_argument.Value, MemoryMarshal.AsBytes(new Span<T>(ref argument)));
        return result;
    }

    /// <summary>The process' memory registered, and the address. The default window is not made by it.</summary>
    public ulong Registered(ulong bytes)
    {
        ulong memory = Anonymous(bytes);
        Assert.Equal(KernelResult.Success, Register(memory, bytes));
        return memory;
    }

    /// <summary>Makes the container ready to map, whatever its version: version 1 enabled, version 2 with all of the memory registered.</summary>
    public ulong Ready(ulong bytes, bool isV2)
    {
        if (isV2) return Registered(bytes);
        Assert.Equal(KernelResult.Success, Enable());
        return Anonymous(bytes);
    }

    /// <summary>The entry that translates an address of the default window; 0 where it is clear.</summary>
    public ulong Entry(ulong iova) => Window.Contents!.Read((iova - Window.Start) >> Window.PageShift);

    /// <summary>Ends the process and says that nothing of it is left in the machine.</summary>
    public void Exit()
    {
        Process.Dispose();
        Assert.Equal(0, Process.OpenDescriptors);
        Assert.Equal(0, Caller.Registered.Count);
        Assert.Equal(0, Caller.Locked.Pages);
        Assert.Equal(0, Platform.Memory.Count);
    }

    public void Dispose()
    {
        Process.Dispose();
        Host.Dispose();
        _argument.Dispose();
    }

    private KernelResult Registration(uint request, ulong vaddr, ulong size, int? container)
    {
        var argument = new VfioIommuSpaprRegisterMemory { Argsz = 24, Vaddr = vaddr, Size = size };
        return Ioctl(container ?? Container, request, ref argument);
    }

    private int Keep(KernelResult opened)
    {
        Assert.True(opened.IsSuccess, opened.ToString());
        _open.Add((int)opened.Value);
        return (int)opened.Value;
    }
}
