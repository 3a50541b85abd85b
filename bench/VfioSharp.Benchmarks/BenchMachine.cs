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

/// <summary>The x86 machine with a process that has edu's group in a Type1v2 container and the device open.</summary>
internal sealed class BenchMachine : IDisposable
{
    public const ulong Page = 4096;

    public BenchMachine()
    {
        var platform = new X86Platform(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "machines", "x86.json")), DeviceCatalog.Default);
        Host = new SoftwareHost(platform);
        Process = Host.CreateProcess("bench");
        Host.Sysfs.WriteText("/sys/module/vfio_iommu_type1/parameters/dma_entry_limit", "4294967295");
        Scratch = Value(Process.MapAnonymous(16 * Page, Page, MemoryProtection.ReadWrite, MemoryKind.Private));
        Container = (int)Value(Process.Open("/dev/vfio/vfio", OpenMode.ReadWrite));
        Function = platform.FindAlias("edu0")!;
        int group = (int)Value(Process.Open($"/dev/vfio/{platform.GroupOf(Function).Id}", OpenMode.ReadWrite));
        Put(Container);
        Value(Process.Ioctl(group, VfioIoctl.GroupSetContainer, Scratch));
        Value(Process.Ioctl(Container, VfioIoctl.SetIommu, VfioExtension.Type1V2));
        Process.Memory.TryWrite(Scratch, Encoding.ASCII.GetBytes(Function.Address + "\0"));
        Device = (int)Value(Process.Ioctl(group, VfioIoctl.GroupGetDeviceFd, Scratch));
    }

    public SoftwareHost Host { get; }

    public SoftwareProcess Process { get; }

    public PciFunction Function { get; }

    public IDmaPort Dma => Function.Dma!;

    public int Container { get; }

    public int Device { get; }

    /// <summary>Where arguments go.</summary>
    public ulong Scratch { get; }

    public ulong Memory(ulong bytes, ulong alignment = Page) => Value(Process.MapAnonymous(bytes, alignment, MemoryProtection.ReadWrite, MemoryKind.Private));

    public void Put<T>(T value, ulong at = 0)
        where T : unmanaged => Process.Memory.TryWrite(Scratch + at, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    public KernelResult Map(ulong vaddr, ulong iova, ulong size)
    {
        Put(new VfioIommuType1DmaMap { Argsz = 32, Flags = VfioDmaMapFlags.Read | VfioDmaMapFlags.Write, Vaddr = vaddr, Iova = iova, Size = size });
        return Process.Ioctl(Container, VfioIoctl.IommuMapDma, Scratch);
    }

    public KernelResult Unmap(ulong iova, ulong size, uint flags = 0)
    {
        Put(new VfioIommuType1DmaUnmap { Argsz = 24, Flags = flags, Iova = iova, Size = size });
        return Process.Ioctl(Container, VfioIoctl.IommuUnmapDma, Scratch);
    }

    public static ulong Value(KernelResult result) => result.IsError ? throw new InvalidOperationException(result.ToString()) : (ulong)result.Value;

    public void Dispose()
    {
        Process.Dispose();
        Host.Dispose();
    }
}
