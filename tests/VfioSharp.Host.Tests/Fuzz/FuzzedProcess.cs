// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.Fuzz;

/// <summary>A process of a <see cref="HostFuzzer"/>: what it has open, newest last, and the memory it passes around.</summary>
internal sealed class FuzzedProcess
{
    public const ulong Page = 4096;

    public FuzzedProcess(SoftwareHost host, int index)
    {
        Index = index;
        Process = host.CreateProcess($"fuzz{index}");
        Scratch = Map(Page, MemoryProtection.ReadWrite);
        ReadOnly = Map(Page, MemoryProtection.Read);
        NewBuffer();
    }

    public int Index { get; }

    public SoftwareProcess Process { get; }

    public List<int> Containers { get; } = [];

    public List<int> Groups { get; } = [];

    public List<int> Devices { get; } = [];

    public List<int> Events { get; } = [];

    public ulong Scratch { get; }

    public ulong ScratchEnd => Scratch + Page;

    public ulong ReadOnly { get; }

    public ulong Buffer { get; private set; }

    public ulong BufferEnd => Buffer + (64 * Page);

    public void NewBuffer()
    {
        if (Buffer != 0) Process.Unmap(Buffer, 64 * Page);
        Buffer = Map(64 * Page, MemoryProtection.ReadWrite);
    }

    private ulong Map(ulong bytes, MemoryProtection protection) => (ulong)Process.MapAnonymous(bytes, Page, protection, MemoryKind.Private).Value;
}
