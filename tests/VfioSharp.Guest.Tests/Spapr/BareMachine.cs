// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Spapr;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Tests.Spapr;

/// <summary>
/// A pseries machine without memory of its own: 8 bytes anywhere below 1 GiB read as their address with both permissions,
/// as a TCE. Calls of RTAS have a page at <see cref="Arguments"/>.
/// </summary>
internal sealed class BareMachine : IInterruptController, IMmioHandler, IDisposable
{
    public const ulong Arguments = 0x40000000;

    private readonly LinuxKernel _kernel = new();
    private readonly EventLoop _events;
    private readonly byte[] _page = new byte[4096];

    public BareMachine(ITceAcceleration? acceleration = null)
    {
        _events = new EventLoop(_kernel, new Lock());
        var topology = new MemoryTopology();
        var system = new ContainerRegion(topology, "system", ulong.MaxValue);
        system.Add(new MmioRegion(topology, "entries", Arguments, this), 0);
        system.Add(new MmioRegion(topology, "arguments", (ulong)_page.Length, new Page(_page)), Arguments);
        Firmware = new PseriesFirmware(new GuestAddressSpace(topology, system), this, _events, acceleration);
    }

    public PseriesFirmware Firmware { get; }

    public List<(int Number, bool Level)> Levels { get; } = [];

    public List<MsiMessage> Messages { get; } = [];

    public bool ReportsEndOfInterrupt => true;

    public void SetLevel(int interrupt, bool asserted) => Levels.Add((interrupt, asserted));

    public void Deliver(MsiMessage message) => Messages.Add(message);

    /// <summary>Calls RTAS as a guest does; the results, of which the first is the status.</summary>
    public int[] Rtas(uint token, uint results, params uint[] arguments)
    {
        uint[] words = [token, (uint)arguments.Length, results, .. arguments];
        SetWords(words);
        Status = Firmware.Call(HypercallNumber.Rtas, [Arguments]);
        return [.. Enumerable.Range(words.Length, (int)results).Select(word => BinaryPrimitives.ReadInt32BigEndian(_page.AsSpan(word * sizeof(uint))))];
    }

    /// <summary>Fills the page of arguments.</summary>
    public void SetWords(params uint[] words)
    {
        Array.Clear(_page);
        for (int i = 0; i < words.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(_page.AsSpan(i * sizeof(uint)), words[i]);
    }

    /// <summary>What the hypercall of the last call of RTAS returned.</summary>
    public HypercallStatus Status { get; private set; }

    ulong IMmioHandler.Read(ulong offset, int width) => BinaryPrimitives.ReverseEndianness(offset | 3);

    void IMmioHandler.Write(ulong offset, int width, ulong value)
    {
    }

    public void Dispose()
    {
        _events.Dispose();
        _kernel.Dispose();
    }

    private sealed class Page(byte[] bytes) : IMmioHandler
    {
        public ulong Read(ulong offset, int width)
        {
            ulong value = 0;
            for (int i = 0; i < width; i++) value |= (ulong)bytes[(int)offset + i] << (8 * i);
            return value;
        }

        public void Write(ulong offset, int width, ulong value)
        {
            for (int i = 0; i < width; i++) bytes[(int)offset + i] = (byte)(value >> (8 * i));
        }
    }
}
