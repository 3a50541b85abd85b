// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Files;
using VfioSharp.Supervisor.Programs;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Supervisor.Traps;

/// <summary>The device memory that the program of a stopped thread has mapped. One thread's: the tracer's.</summary>
internal sealed class MappedDevices(Session session) : IDeviceMemory
{
    // What the host answered for a mapping: the region behind it. A file that was released is never met again.
    private readonly Dictionary<(ServedFile File, ulong Offset, ulong Length), IMappedRegion?> _regions = [];
    private ProcessMemory? _memory;
    private MappedArea _area;
    private IMappedRegion? _region;
    private string _device = "";
    private int _process;
    private int _thread;

    /// <summary>The program's name, for messages.</summary>
    public string Program { get; private set; } = "";

    /// <summary>Turns to the program of a thread; false when it cannot be looked at.</summary>
    public bool Begin(int thread)
    {
        _region = null;
        _area = default;
        _thread = thread;
        lock (session.Gate)
        {
            if (session.Programs.Find(thread, fresh: false, out RemoteThread? found).IsError) return false;
            _memory = found!.Process.Memory;
            Program = found.Process.Name;
            _process = found.Process.Id;
            return true;
        }
    }

    /// <summary>The bytes at an address, up to the end of what can be read.</summary>
    public int ReadCode(int thread, ulong address, Span<byte> code)
    {
        // An instruction at the end of the last page of code: what is there suffices.
        SyscallResult read = ProcessMemoryAccess.Read(thread, address, code);
        if (!read.IsError && read.Value > 0) return (int)read.Value;
        int toPageEnd = (int)Math.Min((ulong)code.Length, 4096 - (address & 4095));
        read = ProcessMemoryAccess.Read(thread, address, code[..toPageEnd]);
        return read.IsError ? 0 : (int)read.Value;
    }

    /// <inheritdoc/>
    public bool Contains(ulong address) => TryFind(address);

    /// <inheritdoc/>
    public MemoryFault Load(ulong address, int width, out ulong value)
    {
        value = 0;
        if (!TryFind(address)) return MemoryFault.Bus;
        MemoryFault fault = _region!.Load(address - _area.Start, width, out value);
        if (session.Options.Trace is { } trace) Tell(trace, address, width, isStore: false, value, fault);
        return fault;
    }

    /// <inheritdoc/>
    public MemoryFault Store(ulong address, int width, ulong value)
    {
        if (!TryFind(address)) return MemoryFault.Bus;
        MemoryFault fault = _region!.Store(address - _area.Start, width, value);
        if (session.Options.Trace is { } trace) Tell(trace, address, width, isStore: true, value, fault);
        return fault;
    }

    /// <inheritdoc/>
    public bool TryRead(ulong address, Span<byte> destination) => _memory!.TryRead(address, destination);

    /// <inheritdoc/>
    public bool TryWrite(ulong address, ReadOnlySpan<byte> source) => _memory!.TryWrite(address, source);

    private void Tell(ITraceSink trace, ulong address, int width, bool isStore, ulong value, MemoryFault fault) => trace.Access(
        new TracedAccess(Program, _process, _thread, _device, address - _area.Start + _area.FileOffset, width, isStore, value, fault));

    private bool TryFind(ulong address)
    {
        if (_region is not null && address >= _area.Start && address < _area.End) return true;
        _region = null;
        lock (session.Gate)
        {
            if (!_memory!.TryFindArea(address, out _area)) return false;
            if (!session.Files.TryFind(_area.File, out ServedFile? served) || served is not ServedHostFile device) return false;
            var key = (served, _area.FileOffset, _area.End - _area.Start);
            if (!_regions.TryGetValue(key, out _region))
            {
                _region = device.Map(_area.FileOffset, _area.End - _area.Start);
                _regions.Add(key, _region);
            }

            _device = device.File.Description;
        }

        return _region is not null;
    }
}
