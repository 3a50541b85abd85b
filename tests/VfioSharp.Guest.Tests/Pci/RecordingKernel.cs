// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests.Pci;

/// <summary>May answer a call on a device instead of the kernel; null: the kernel answers.</summary>
internal delegate KernelResult? DeviceAnswer(uint request, ReadOnlySpan<byte> argument);

/// <summary>May change what the kernel answered.</summary>
internal delegate void DeviceChange(uint request, Span<byte> argument);

/// <summary>May change what was read from a device's region, or answer something else; null: the kernel's answer stands.</summary>
internal delegate KernelResult? RegionAnswer(uint region, ulong offset, Span<byte> bytes);

/// <summary>A kernel that writes down the VFIO calls made of it, one line each, in order.</summary>
internal sealed class RecordingKernel(IVfioKernel inner) : IVfioKernel
{
    private readonly Dictionary<int, VfioFileKind> _files = [];
    private readonly HashSet<int> _open = [];

    public List<string> Calls { get; } = [];

    public DeviceAnswer? Answer { get; set; }

    public DeviceChange? Change { get; set; }

    public RegionAnswer? ReadAnswer { get; set; }

    /// <summary>Whether mappings are refused.</summary>
    public bool RefusesMappings { get; set; }

    /// <summary>Whether there are no more eventfds.</summary>
    public bool RefusesEvents { get; set; }

    /// <summary>The page size, if it is not to be the kernel's.</summary>
    public int? LargerPage { get; set; }

    public IEnumerable<int> OpenDescriptors => _open;

    public string Name => inner.Name;

    public int PageSize => LargerPage ?? inner.PageSize;

    /// <summary>The calls since the last time, and forgets them.</summary>
    public string[] Take()
    {
        string[] calls = [.. Calls];
        Calls.Clear();
        return calls;
    }

    public KernelResult Open(string path, OpenMode mode)
    {
        KernelResult result = inner.Open(path, mode);
        if (result.IsError) return result;
        Calls.Add($"open {path}");
        Opened((int)result.Value, path == "/dev/vfio/vfio" ? VfioFileKind.Type1Container : VfioFileKind.Group);
        return result;
    }

    public KernelResult Close(int descriptor)
    {
        _open.Remove(descriptor);
        _files.Remove(descriptor);
        return inner.Close(descriptor);
    }

    public KernelResult Ioctl(int descriptor, uint request, ulong argument)
    {
        VfioFileKind kind = _files[descriptor];
        Calls.Add(VfioRequest.NameOf(kind, request) + (request == VfioIoctl.CheckExtension || request == VfioIoctl.SetIommu ? $" {argument}" : ""));
        return (kind == VfioFileKind.Device ? Answer?.Invoke(request, []) : null) ?? inner.Ioctl(descriptor, request, argument);
    }

    public KernelResult Ioctl(int descriptor, uint request, Span<byte> argument)
    {
        VfioFileKind kind = _files[descriptor];
        if (kind != VfioFileKind.Device)
        {
            Calls.Add(VfioRequest.NameOf(kind, request));
            KernelResult answer = inner.Ioctl(descriptor, request, argument);
            if (answer.IsSuccess && kind == VfioFileKind.Group && request == VfioIoctl.GroupGetDeviceFd) Opened((int)answer.Value, VfioFileKind.Device);
            return answer;
        }

        string line = VfioRequest.NameOf(kind, request) + Details(request, argument);

        // The second call for an answer that is longer than thought is the same question.
        if (Calls.Count == 0 || Calls[^1] != line || request == VfioIoctl.DeviceSetIrqs) Calls.Add(line);
        KernelResult result = Answer?.Invoke(request, argument) ?? inner.Ioctl(descriptor, request, argument);
        if (result.IsSuccess) Change?.Invoke(request, argument);
        return result;
    }

    public KernelResult Read(int descriptor, Span<byte> buffer, ulong offset)
    {
        uint region = (uint)(offset >> 40);
        ulong at = offset & 0xff_ffff_ffff;
        Calls.Add($"read region {region} 0x{at:x}+{buffer.Length}");
        KernelResult result = inner.Read(descriptor, buffer, offset);
        return ReadAnswer?.Invoke(region, at, buffer) ?? result;
    }

    public KernelResult Write(int descriptor, ReadOnlySpan<byte> buffer, ulong offset)
    {
        Calls.Add($"write region {offset >> 40} 0x{offset & 0xff_ffff_ffff:x}+{buffer.Length}");
        return inner.Write(descriptor, buffer, offset);
    }

    public KernelResult Map(int descriptor, ulong offset, ulong length, MemoryProtection protection, out VfioMapping? mapping)
    {
        mapping = null;
        Calls.Add($"mmap region {offset >> 40} 0x{offset & 0xff_ffff_ffff:x}+0x{length:x}");
        return RefusesMappings ? KernelResult.FailSilently(Errno.EINVAL) : inner.Map(descriptor, offset, length, protection, out mapping);
    }

    public KernelResult AllocateMemory(ulong length, out VfioMapping? memory) => inner.AllocateMemory(length, out memory);

    public KernelResult CreateEvent()
    {
        if (RefusesEvents) return KernelResult.FailSilently(Errno.EMFILE);
        KernelResult result = inner.CreateEvent();
        _open.Add((int)result.Value);
        return result;
    }

    public KernelResult WaitEvent(int descriptor, int timeoutMilliseconds, out ulong count) => inner.WaitEvent(descriptor, timeoutMilliseconds, out count);

    public KernelResult WaitAnyEvent(ReadOnlySpan<int> descriptors, int timeoutMilliseconds) => inner.WaitAnyEvent(descriptors, timeoutMilliseconds);

    public KernelResult SignalEvent(int descriptor, ulong count) => inner.SignalEvent(descriptor, count);

    public KernelResult ReadLink(string path, out string? target) => inner.ReadLink(path, out target);

    public KernelResult ReadText(string path, out string? text) => inner.ReadText(path, out text);

    public KernelResult WriteText(string path, string text) => inner.WriteText(path, text);

    public KernelResult ListNames(string path, out IReadOnlyList<string>? names) => inner.ListNames(path, out names);

    public void Dispose() => inner.Dispose();

    private void Opened(int descriptor, VfioFileKind kind)
    {
        _open.Add(descriptor);
        _files[descriptor] = kind;
    }

    // Descriptors differ from run to run: "e" is one, "-" is -1.
    private static string Details(uint request, ReadOnlySpan<byte> argument)
    {
        switch (request)
        {
            case VfioIoctl.DeviceGetRegionInfo:
                return $" {MemoryMarshal.Read<VfioRegionInfo>(argument).Index}";
            case VfioIoctl.DeviceGetIrqInfo:
                return $" {NameOf(MemoryMarshal.Read<VfioIrqInfo>(argument).Index)}";
            case VfioIoctl.DevicePciHotReset:
                return $" {MemoryMarshal.Read<VfioPciHotReset>(argument).Count} groups";
            case VfioIoctl.DeviceSetIrqs:
                VfioIrqSet set = MemoryMarshal.Read<VfioIrqSet>(argument);
                string action = (set.Flags & VfioIrqSetFlags.ActionTypeMask) switch
                {
                    VfioIrqSetFlags.ActionMask => "mask",
                    VfioIrqSetFlags.ActionUnmask => "unmask",
                    _ => "trigger",
                };
                if ((set.Flags & VfioIrqSetFlags.DataEventfd) == 0) return $" {NameOf(set.Index)} {(set.Count == 0 ? "off" : action)}";
                ReadOnlySpan<int> events = MemoryMarshal.Cast<byte, int>(argument[Marshal.SizeOf<VfioIrqSet>()..]);
                return $" {NameOf(set.Index)} {action} {set.Start}: {string.Concat(events.ToArray().Select(one => one < 0 ? '-' : 'e'))}";
            default:
                return "";
        }
    }

    private static string NameOf(uint index) => index switch
    {
        VfioPciIrqIndex.Intx => "INTx",
        VfioPciIrqIndex.Msi => "MSI",
        VfioPciIrqIndex.Msix => "MSI-X",
        VfioPciIrqIndex.Err => "ERR",
        _ => "REQ",
    };
}
