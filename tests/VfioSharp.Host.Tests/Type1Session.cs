// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests;

/// <summary>A process with a container, a group in it and Type1 set: where most tests begin.</summary>
internal sealed class Type1Session : IDisposable
{
    public const ulong Page = 4096;

    private readonly ulong _argument;

    public Type1Session(TestPlatform? platform = null, uint type = VfioExtension.Type1V2, Fidelity fidelity = Fidelity.Linux)
    {
        Platform = platform ?? new TestPlatform(1);
        Host = new SoftwareHost(Platform, fidelity);
        Process = Host.CreateProcess("test");
        Container = Open("/dev/vfio/vfio");
        _argument = Anonymous(16 * Page);
        Group = OpenGroup(1);
        Assert.Equal(KernelResult.Success, SetContainer(Group));
        Assert.Equal(KernelResult.Success, Process.Ioctl(Container, VfioIoctl.SetIommu, type));
    }

    public TestPlatform Platform { get; }

    public SoftwareHost Host { get; }

    public SoftwareProcess Process { get; }

    public int Container { get; }

    public int Group { get; }

    public PciFunction Function => Platform.Functions[0];

    public int OpenGroup(int id) => Open($"/dev/vfio/{id}");

    public ulong Anonymous(ulong bytes, MemoryProtection protection = MemoryProtection.ReadWrite) =>
        (ulong)Process.MapAnonymous(bytes, Page, protection, MemoryKind.Private).Value;

    public KernelResult SetContainer(int group) => Ioctl(group, VfioIoctl.GroupSetContainer, Container);

    public KernelResult Map(ulong vaddr, ulong iova, ulong size, uint flags = VfioDmaMapFlags.Read | VfioDmaMapFlags.Write) =>
        Ioctl(Container, VfioIoctl.IommuMapDma, new VfioIommuType1DmaMap { Argsz = 32, Flags = flags, Vaddr = vaddr, Iova = iova, Size = size });

    public KernelResult Unmap(ulong iova, ulong size, uint flags = 0) => Unmap(iova, size, flags, out _);

    public KernelResult Unmap(ulong iova, ulong size, uint flags, out ulong unmapped)
    {
        var argument = new VfioIommuType1DmaUnmap { Argsz = 24, Flags = flags, Iova = iova, Size = size };
        KernelResult result = Ioctl(Container, VfioIoctl.IommuUnmapDma, ref argument);
        unmapped = argument.Size;
        return result;
    }

    /// <summary>DIRTY_PAGES GET_BITMAP into a buffer of the process's.</summary>
    public KernelResult GetDirty(ulong iova, ulong size, Span<byte> bitmap)
    {
        ulong buffer = _argument + Page;
        Process.Memory.TryWrite(buffer, bitmap);
        Span<byte> argument = stackalloc byte[8 + Unsafe.SizeOf<VfioIommuType1DirtyBitmapGet>()];
        MemoryMarshal.Write(argument, new VfioIommuType1DirtyBitmap { Argsz = (uint)argument.Length, Flags = VfioIommuDirtyPagesFlags.GetBitmap });
        MemoryMarshal.Write(argument[8..], new VfioIommuType1DirtyBitmapGet
        {
            Iova = iova,
            Size = size,
            Bitmap = new VfioBitmap { Pgsize = Page, Size = (ulong)bitmap.Length, Data = buffer },
        });
        Process.Memory.TryWrite(_argument, argument);
        KernelResult result = Process.Ioctl(Container, VfioIoctl.IommuDirtyPages, _argument);
        Process.Memory.TryRead(buffer, bitmap);
        return result;
    }

    public KernelResult Dirty(uint flag) => Ioctl(Container, VfioIoctl.IommuDirtyPages, new VfioIommuType1DirtyBitmap { Argsz = 8, Flags = flag });

    public uint EntriesLeft()
    {
        Span<byte> info = stackalloc byte[256];
        MemoryMarshal.Write(info, (uint)info.Length);
        Process.Memory.TryWrite(_argument, info);
        Assert.Equal(KernelResult.Success, Process.Ioctl(Container, VfioIoctl.IommuGetInfo, _argument));
        Process.Memory.TryRead(_argument, info);
        return MemoryMarshal.Read<uint>(info[(24 + 32 + 8)..]);
    }

    public KernelResult Ioctl<T>(int descriptor, uint request, T argument)
        where T : unmanaged => Ioctl(descriptor, request, ref argument);

    public KernelResult Ioctl<T>(int descriptor, uint request, ref T argument)
        where T : unmanaged
    {
        Process.Memory.TryWrite(_argument, MemoryMarshal.AsBytes(new Span<T>(ref argument)));
        KernelResult result = Process.Ioctl(descriptor, request, _argument);
        Process.Memory.TryRead(_argument, MemoryMarshal.AsBytes(new Span<T>(ref argument)));
        return result;
    }

    public void Dispose()
    {
        Process.Dispose();
        Host.Dispose();
    }

    private int Open(string path)
    {
        KernelResult opened = Process.Open(path, OpenMode.ReadWrite);
        Assert.True(opened.IsSuccess, opened.ToString());
        return (int)opened.Value;
    }
}
