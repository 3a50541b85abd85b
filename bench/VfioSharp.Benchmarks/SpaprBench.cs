// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using System.Text;
using VfioSharp.Abi.Vfio;
using VfioSharp.Devices;
using VfioSharp.Host;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Iommu;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;

namespace VfioSharp.Benchmarks;

/// <summary>A POWER machine with a process that has edu's group in a version 2 sPAPR container.</summary>
internal sealed class SpaprBench : IDisposable
{
    private readonly SoftwareHost _host;
    private readonly SoftwareProcess _process;
    private readonly ulong _scratch;
    private readonly int _container;

    public SpaprBench(string machine)
    {
        var platform = MachinePlatform.Create(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "machines", machine + ".json")), DeviceCatalog.Default);
        _host = new SoftwareHost(platform);
        _process = _host.CreateProcess("bench");
        _scratch = Value(_process.MapAnonymous(0x10000, 0x10000, MemoryProtection.ReadWrite, MemoryKind.Private));
        _container = (int)Value(_process.Open("/dev/vfio/vfio", OpenMode.ReadWrite));
        Function = platform.FindAlias("edu0")!;
        int group = (int)Value(_process.Open($"/dev/vfio/{platform.GroupOf(Function).Id}", OpenMode.ReadWrite));
        Put(_container);
        Value(_process.Ioctl(group, VfioIoctl.GroupSetContainer, _scratch));
        Value(_process.Ioctl(_container, VfioIoctl.SetIommu, VfioExtension.SpaprTceV2));
        _process.Memory.TryWrite(_scratch, Encoding.ASCII.GetBytes(Function.Address + "\0"));
        Value(_process.Ioctl(group, VfioIoctl.GroupGetDeviceFd, _scratch));
    }

    public PciFunction Function { get; }

    public IommuDomain Domain => _host.Functions.Groups.First(group => group.Members.Any(member => member.Function == Function)).Domain!;

    /// <summary>Bytes of the tables that the endpoint's windows have.</summary>
    public long TableBytes => _host.ListWindows().First(endpoint => endpoint.Functions.Contains(Function.Address)).Windows.Sum(window => window.TableBytes);

    /// <summary>Maps memory that nobody touches; its pages are made at the first touch.</summary>
    public ulong Memory(ulong bytes, MemoryKind kind = MemoryKind.Private) => Value(_process.MapAnonymous(bytes, 2UL << 20, MemoryProtection.ReadWrite, kind));

    public ulong Register(ulong bytes, MemoryKind kind = MemoryKind.Private)
    {
        ulong memory = Memory(bytes, kind);
        RegisterAt(memory, bytes);
        return memory;
    }

    public void RegisterAt(ulong memory, ulong bytes)
    {
        Put(new VfioIommuSpaprRegisterMemory { Argsz = (uint)Marshal.SizeOf<VfioIommuSpaprRegisterMemory>(), Vaddr = memory, Size = bytes });
        Value(_process.Ioctl(_container, VfioIoctl.IommuSpaprRegisterMemory, _scratch));
    }

    public ulong Create(int pageShift, ulong size, uint levels)
    {
        Put(new VfioIommuSpaprTceCreate { Argsz = (uint)Marshal.SizeOf<VfioIommuSpaprTceCreate>(), PageShift = (uint)pageShift, WindowSize = size, Levels = levels });
        Value(_process.Ioctl(_container, VfioIoctl.IommuSpaprTceCreate, _scratch));
        VfioIommuSpaprTceCreate made = default;
        _process.Memory.TryRead(_scratch, MemoryMarshal.AsBytes(new Span<VfioIommuSpaprTceCreate>(ref made)));
        return made.StartAddr;
    }

    public void Map(ulong vaddr, ulong iova, ulong size)
    {
        Put(new VfioIommuType1DmaMap { Argsz = 32, Flags = VfioDmaMapFlags.Read | VfioDmaMapFlags.Write, Vaddr = vaddr, Iova = iova, Size = size });
        Value(_process.Ioctl(_container, VfioIoctl.IommuMapDma, _scratch));
    }

    public void Unmap(ulong iova, ulong size)
    {
        Put(new VfioIommuType1DmaUnmap { Argsz = 24, Iova = iova, Size = size });
        Value(_process.Ioctl(_container, VfioIoctl.IommuUnmapDma, _scratch));
    }

    public void Dispose()
    {
        _process.Dispose();
        _host.Dispose();
    }

    private static ulong Value(KernelResult result) => BenchMachine.Value(result);

    private void Put<T>(T value)
        where T : unmanaged => _process.Memory.TryWrite(_scratch, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
}
