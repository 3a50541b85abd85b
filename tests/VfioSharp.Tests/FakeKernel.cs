// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Tests;

/// <summary>
/// A kernel that agrees to everything a client does, one device of which has a BAR of plain memory, and refuses
/// what a test tells it to. It notes what is opened, asked and closed, in order.
/// </summary>
internal sealed class FakeKernel : IVfioKernel
{
    internal const ulong ConfigOffset = (ulong)VfioPciRegionIndex.Config << 40;

    private readonly Dictionary<int, string> _open = [];
    private readonly Dictionary<uint, KernelResult> _ioctlAnswers = [];
    private readonly Dictionary<string, KernelResult> _openAnswers = [];
    private int _nextDescriptor = 10;

    /// <summary>Everything that happened: "open X", "close X", "ioctl 0x3b71 X".</summary>
    public List<string> Log { get; } = [];

    /// <summary>Names of what is open now.</summary>
    public IEnumerable<string> OpenFiles => _open.Values;

    /// <summary>The device's BAR 0.</summary>
    public byte[] Bar { get; } = new byte[0x4000];

    /// <summary>The device's configuration space.</summary>
    public byte[] Config { get; } = new byte[256];

    /// <summary>What mappings of the BAR answer instead of memory.</summary>
    public MemoryFault MappingFault { get; set; }

    /// <summary>The answer to GET_INFO of the container: the struct with its capabilities.</summary>
    public byte[] IommuInfo { get; set; } = new byte[Unsafe.SizeOf<VfioIommuType1Info>()];

    /// <summary>The answer to GET_REGION_INFO of BAR 0; null: the whole BAR can be mapped.</summary>
    public byte[]? BarInfo { get; set; }

    /// <summary>Status flags of the group.</summary>
    public uint GroupFlags { get; set; } = VfioGroupFlags.Viable;

    /// <summary>Symbolic links of sysfs.</summary>
    public Dictionary<string, string> Links { get; } = [];

    /// <summary>Folders of sysfs.</summary>
    public Dictionary<string, IReadOnlyList<string>> Folders { get; } = [];

    /// <summary>The last argument of an ioctl with a struct.</summary>
    public byte[] LastArgument { get; private set; } = [];

    /// <summary>How many bytes a read moves at most.</summary>
    public int MaxRead { get; set; } = int.MaxValue;

    /// <summary>Eventfd counts by descriptor.</summary>
    public Dictionary<int, ulong> Events { get; } = [];

    public string Name => "fake";

    public int PageSize => 4096;

    public void AnswerIoctl(uint request, KernelResult answer) => _ioctlAnswers[request] = answer;

    public void AnswerOpen(string path, KernelResult answer) => _openAnswers[path] = answer;

    public KernelResult Open(string path, OpenMode mode) =>
        _openAnswers.TryGetValue(path, out KernelResult answer) && answer.IsError ? answer : Add(path);

    public KernelResult Close(int descriptor)
    {
        if (!_open.Remove(descriptor, out string? name)) return KernelResult.FailSilently(Errno.EBADF);
        Log.Add($"close {name}");
        return KernelResult.Success;
    }

    public KernelResult Ioctl(int descriptor, uint request, ulong argument)
    {
        Log.Add($"ioctl 0x{request:x} {_open[descriptor]}");
        if (_ioctlAnswers.TryGetValue(request, out KernelResult answer)) return answer;
        return KernelResult.Ok(request == VfioIoctl.CheckExtension ? 1 : 0);
    }

    public KernelResult Ioctl(int descriptor, uint request, Span<byte> argument)
    {
        string file = _open[descriptor];
        Log.Add($"ioctl 0x{request:x} {file}");
        LastArgument = argument.ToArray();
        if (_ioctlAnswers.TryGetValue(request, out KernelResult answer)) return answer;
        switch (request)
        {
            case VfioIoctl.GroupGetDeviceFd:
                return Add("device");
            case VfioIoctl.GroupGetStatus:
                MemoryMarshal.AsRef<VfioGroupStatus>(argument).Flags = GroupFlags;
                return KernelResult.Success;
            case VfioIoctl.IommuGetInfo when file == VfioContainer.NodePath:
                CopyAnswer(IommuInfo, argument);
                return KernelResult.Success;
            case VfioIoctl.DeviceGetInfo:
                ref VfioDeviceInfo info = ref MemoryMarshal.AsRef<VfioDeviceInfo>(argument);
                (info.Flags, info.NumRegions, info.NumIrqs) = (VfioDeviceFlags.Pci, VfioPciRegionIndex.Count, VfioPciIrqIndex.Count);
                return KernelResult.Success;
            case VfioIoctl.DeviceGetRegionInfo:
                AnswerRegion(argument);
                return KernelResult.Success;
            case VfioIoctl.DeviceGetIrqInfo:
                ref VfioIrqInfo irq = ref MemoryMarshal.AsRef<VfioIrqInfo>(argument);
                (irq.Flags, irq.Count) = (VfioIrqInfoFlags.Eventfd | VfioIrqInfoFlags.Automasked, irq.Index + 1);
                return KernelResult.Success;
            default:
                return KernelResult.Success;
        }
    }

    public KernelResult Read(int descriptor, Span<byte> buffer, ulong offset)
    {
        int length = Math.Min(buffer.Length, MaxRead);
        Locate(ref offset).AsSpan((int)offset, length).CopyTo(buffer);
        return KernelResult.Ok(length);
    }

    public KernelResult Write(int descriptor, ReadOnlySpan<byte> buffer, ulong offset)
    {
        buffer.CopyTo(Locate(ref offset).AsSpan((int)offset));
        return KernelResult.Ok(buffer.Length);
    }

    public KernelResult Map(int descriptor, ulong offset, ulong length, MemoryProtection protection, out VfioMapping? mapping)
    {
        Log.Add($"mmap 0x{offset:x} 0x{length:x}");
        mapping = new FakeMapping(this, Bar.AsMemory((int)offset, (int)length));
        return KernelResult.Success;
    }

    public KernelResult AllocateMemory(ulong length, out VfioMapping? memory)
    {
        memory = new FakeMapping(this, new byte[length]);
        return KernelResult.Success;
    }

    public KernelResult CreateEvent() => Add("eventfd");

    public KernelResult WaitEvent(int descriptor, int timeoutMilliseconds, out ulong count) =>
        Events.Remove(descriptor, out count) ? KernelResult.Success : KernelResult.FailSilently(Errno.ETIMEDOUT);

    public KernelResult WaitAnyEvent(ReadOnlySpan<int> descriptors, int timeoutMilliseconds)
    {
        for (int i = 0; i < descriptors.Length; i++)
            if (Events.ContainsKey(descriptors[i])) return KernelResult.Ok(i);
        return KernelResult.FailSilently(Errno.ETIMEDOUT);
    }

    public KernelResult SignalEvent(int descriptor, ulong count)
    {
        Events[descriptor] = Events.GetValueOrDefault(descriptor) + count;
        return KernelResult.Success;
    }

    public KernelResult ReadLink(string path, out string? target) =>
        Links.TryGetValue(path, out target) ? KernelResult.Success : KernelResult.FailSilently(Errno.ENOENT);

    public KernelResult ReadText(string path, out string? text)
    {
        text = null;
        return KernelResult.FailSilently(Errno.ENOENT);
    }

    public KernelResult WriteText(string path, string text) => KernelResult.FailSilently(Errno.ENOENT);

    public KernelResult ListNames(string path, out IReadOnlyList<string>? names) =>
        Folders.TryGetValue(path, out names) ? KernelResult.Success : KernelResult.FailSilently(Errno.ENOENT);

    public void Dispose()
    {
    }

    /// <summary>Copies as much of an answer as the argument holds; its argsz says how long it is (as the kernel does).</summary>
    private static void CopyAnswer(byte[] answer, Span<byte> argument)
    {
        MemoryMarshal.Write(answer, (uint)answer.Length);
        answer.AsSpan(0, Math.Min(answer.Length, argument.Length)).CopyTo(argument);
    }

    private void AnswerRegion(Span<byte> argument)
    {
        ref VfioRegionInfo info = ref MemoryMarshal.AsRef<VfioRegionInfo>(argument);
        info.Offset = (ulong)info.Index << 40;
        switch (info.Index)
        {
            case VfioPciRegionIndex.Bar0 when BarInfo is not null:
                CopyAnswer(BarInfo, argument);
                break;
            case VfioPciRegionIndex.Bar0:
                (info.Size, info.Flags) = ((ulong)Bar.Length, VfioRegionInfoFlags.Read | VfioRegionInfoFlags.Write | VfioRegionInfoFlags.Mmap);
                break;
            case VfioPciRegionIndex.Config:
                (info.Size, info.Flags) = ((ulong)Config.Length, VfioRegionInfoFlags.Read | VfioRegionInfoFlags.Write);
                break;
        }
    }

    private byte[] Locate(ref ulong offset)
    {
        if (offset < ConfigOffset) return Bar;
        offset -= ConfigOffset;
        return Config;
    }

    private KernelResult Add(string name)
    {
        _open.Add(_nextDescriptor, name);
        Log.Add($"open {name}");
        return KernelResult.Ok(_nextDescriptor++);
    }

    private sealed class FakeMapping(FakeKernel kernel, Memory<byte> memory) : VfioMapping
    {
        public override ulong Address => 0x7000_0000;

        public override ulong Length => (ulong)memory.Length;

        public override MemoryFault Load(ulong offset, int width, out ulong value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            bytes.Clear();
            memory.Span.Slice((int)offset, width).CopyTo(bytes);
            value = MemoryMarshal.Read<ulong>(bytes);
            return kernel.MappingFault;
        }

        public override MemoryFault Store(ulong offset, int width, ulong value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            MemoryMarshal.Write(bytes, in value);
            bytes[..width].CopyTo(memory.Span[(int)offset..]);
            return kernel.MappingFault;
        }

        public override MemoryFault Read(ulong offset, Span<byte> destination)
        {
            memory.Span.Slice((int)offset, destination.Length).CopyTo(destination);
            return kernel.MappingFault;
        }

        public override MemoryFault Write(ulong offset, ReadOnlySpan<byte> source)
        {
            source.CopyTo(memory.Span[(int)offset..]);
            return kernel.MappingFault;
        }

        protected override void Dispose(bool disposing) => kernel.Log.Add("munmap");
    }
}
