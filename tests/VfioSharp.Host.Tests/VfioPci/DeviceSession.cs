// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Devices;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>A process with a device of the x86 machine open.</summary>
internal sealed class DeviceSession : IDisposable
{
    public const ulong Config = 7UL << 40;

    private readonly ulong _argument;

    public DeviceSession(string alias)
        : this(alias, MachinePath)
    {
    }

    public DeviceSession(string alias, string machine)
    {
        Platform = new X86Platform(MachineFile.Load(machine), DeviceCatalog.Default);
        Host = new SoftwareHost(Platform);
        Process = Host.CreateProcess("test");
        Function = Platform.FindAlias(alias)!;
        _argument = (ulong)Process.MapAnonymous(64 * 4096, 4096, MemoryProtection.ReadWrite, MemoryKind.Private).Value;
        Container = Descriptor(Process.Open("/dev/vfio/vfio", OpenMode.ReadWrite));
        Group = Descriptor(Process.Open($"/dev/vfio/{Platform.GroupOf(Function).Id}", OpenMode.ReadWrite));
        int container = Container;
        Assert.Equal(KernelResult.Success, Ioctl(Group, VfioIoctl.GroupSetContainer, ref container));
        Assert.Equal(KernelResult.Success, Process.Ioctl(Container, VfioIoctl.SetIommu, VfioExtension.Type1V2));
        Device = Open(Function.Address.ToString());
    }

    /// <summary>The x86 machine's file.</summary>
    public static string MachinePath { get; } = Path.Combine(AppContext.BaseDirectory, "x86.json");

    public X86Platform Platform { get; }

    public SoftwareHost Host { get; }

    public SoftwareProcess Process { get; }

    public PciFunction Function { get; }

    public int Container { get; }

    public int Group { get; }

    public int Device { get; private set; }

    /// <summary>Memory of the process for buffers.</summary>
    public ulong Buffer => _argument + (32 * 4096);

    public int Open(string request) => Descriptor(Request(request));

    public KernelResult Request(string request)
    {
        byte[] text = [.. System.Text.Encoding.ASCII.GetBytes(request), 0];
        Process.Memory.TryWrite(_argument, text);
        return Process.Ioctl(Group, VfioIoctl.GroupGetDeviceFd, _argument);
    }

    public void Reopen()
    {
        Process.Close(Device);
        Device = Open(Function.Address.ToString());
    }

    public KernelResult Ioctl<T>(uint request, ref T argument)
        where T : unmanaged => Ioctl(Device, request, ref argument);

    public KernelResult Ioctl<T>(int descriptor, uint request, ref T argument)
        where T : unmanaged
    {
        Process.Memory.TryWrite(_argument, MemoryMarshal.AsBytes(new Span<T>(ref argument)));
        KernelResult result = Process.Ioctl(descriptor, request, _argument);
        Process.Memory.TryRead(_argument, MemoryMarshal.AsBytes(new Span<T>(ref argument)));
        return result;
    }

    public KernelResult SetIrqs(uint index, uint flags, uint start, uint count, params int[] descriptors) =>
        SetIrqs(index, flags, start, count, MemoryMarshal.AsBytes(descriptors.AsSpan()));

    public KernelResult SetIrqs(uint index, uint flags, uint start, uint count, ReadOnlySpan<byte> data)
    {
        var header = new VfioIrqSet { Argsz = 20 + (uint)data.Length, Flags = flags, Index = index, Start = start, Count = count };
        Process.Memory.TryWrite(_argument, MemoryMarshal.AsBytes(new Span<VfioIrqSet>(ref header))[..20]);
        Process.Memory.TryWrite(_argument + 20, data);
        return Process.Ioctl(Device, VfioIoctl.DeviceSetIrqs, _argument);
    }

    public int Event() => Descriptor(Process.CreateEvent(0));

    /// <summary>Takes the event's count, 0 when it is not signalled in time.</summary>
    public ulong Take(int descriptor, int milliseconds = 0) =>
        Process.PollEvent(descriptor, milliseconds) && Process.ReadEvent(descriptor, out ulong count).IsSuccess ? count : 0;

    public KernelResult Read(ulong offset, Span<byte> destination)
    {
        KernelResult result = Process.Read(Device, Buffer, (ulong)destination.Length, offset);
        Process.Memory.TryRead(Buffer, destination);
        return result;
    }

    public uint Read32(ulong offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        Assert.Equal(4, Read(offset, bytes).Value);
        return MemoryMarshal.Read<uint>(bytes);
    }

    public KernelResult Write(ulong offset, ReadOnlySpan<byte> source)
    {
        Process.Memory.TryWrite(Buffer, source);
        return Process.Write(Device, Buffer, (ulong)source.Length, offset);
    }

    public void Write32(ulong offset, uint value) => Assert.Equal(4, Write(offset, MemoryMarshal.AsBytes(new Span<uint>(ref value))).Value);

    public void Write16(ulong offset, ushort value) => Assert.Equal(2, Write(offset, MemoryMarshal.AsBytes(new Span<ushort>(ref value))).Value);

    public void Dispose()
    {
        Process.Dispose();
        Host.Dispose();
    }

    private static int Descriptor(KernelResult result)
    {
        Assert.True(result.IsSuccess, result.ToString());
        return (int)result.Value;
    }
}
