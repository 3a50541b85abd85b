// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Pci;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Cli.Tracing;

/// <summary>What a run amounted to: calls by kind, DMA, interrupts, accesses that were trapped, locked memory.</summary>
internal sealed class RunStatistics(int pageSize) : ITraceSink
{
    // Guards everything below. Nothing is taken under it.
    private readonly Lock _lock = new();
    private readonly Dictionary<(TracedCallKind Call, VfioFileKind File, uint Request), Tally> _calls = [];
    private readonly SortedDictionary<uint, long> _interrupts = [];
    private readonly Dictionary<int, ulong> _locked = [];
    private (long Count, long Bytes) _deviceReads;
    private (long Count, long Bytes) _deviceWrites;
    private long _faults;
    private long _loads;
    private long _stores;
    private ulong _lockedNow;
    private ulong _lockedAtPeak;

    /// <inheritdoc/>
    public void Call(in TracedCall call)
    {
        lock (_lock)
        {
            var key = (call.Kind, call.File?.Kind ?? VfioFileKind.Other, call.Request);
            Tally tally = _calls.GetValueOrDefault(key);
            _calls[key] = new Tally(tally.Count + 1, tally.Refused + (call.Result.IsError ? 1 : 0), tally.Ticks + call.Ended - call.Started);
            _lockedNow += call.LockedBytes - _locked.GetValueOrDefault(call.Process);
            _locked[call.Process] = call.LockedBytes;
            _lockedAtPeak = Math.Max(_lockedAtPeak, _lockedNow);
        }
    }

    /// <inheritdoc/>
    public void Access(in TracedAccess access)
    {
        lock (_lock)
        {
            if (access.IsStore) _stores++;
            else _loads++;
        }
    }

    /// <inheritdoc/>
    public void Dma(PciAddress device, Iova iova, int length, bool isWrite, bool isComplete)
    {
        lock (_lock)
        {
            if (!isComplete) _faults++;
            else if (isWrite) _deviceWrites = (_deviceWrites.Count + 1, _deviceWrites.Bytes + length);
            else _deviceReads = (_deviceReads.Count + 1, _deviceReads.Bytes + length);
        }
    }

    /// <inheritdoc/>
    public void Interrupt(PciAddress device, uint index, int vector)
    {
        lock (_lock) _interrupts[index] = _interrupts.GetValueOrDefault(index) + 1;
    }

    /// <summary>The statistics in lines, the most frequent call first.</summary>
    public IReadOnlyList<string> Lines()
    {
        lock (_lock)
        {
            List<string> lines = [$"{"calls",-32}{"count",8}{"refused",9}{"mean µs",9}"];
            lines.AddRange(_calls
                .OrderByDescending(entry => entry.Value.Count)
                .ThenBy(entry => entry.Key)
                .Select(entry => string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {NameOf(entry.Key),-30}{entry.Value.Count,8}{entry.Value.Refused,9}{entry.Value.MeanMicroseconds,9:f1}")));
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"DMA: {_deviceReads.Bytes} bytes read by devices ({_deviceReads.Count} times), {_deviceWrites.Bytes} bytes written ({_deviceWrites.Count} times), {_faults} faults"));
            lines.Add("interrupts: " + (_interrupts.Count == 0 ? "none" : string.Join(", ", _interrupts.Select(entry => $"{InterruptIndex.NameOf(entry.Key)} {entry.Value}"))));
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"mapped registers: {_loads} loads, {_stores} stores"));
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"locked memory at the peak: {_lockedAtPeak / (ulong)pageSize} pages of {pageSize} bytes"));
            return lines;
        }
    }

    private static string NameOf((TracedCallKind Call, VfioFileKind File, uint Request) key) => key.Call switch
    {
        TracedCallKind.Open => "open",
        TracedCallKind.Ioctl => VfioRequest.NameOf(key.File, key.Request),
        TracedCallKind.Read => "pread",
        TracedCallKind.Write => "pwrite",
        _ => "mmap",
    };

    private readonly record struct Tally(long Count, long Refused, long Ticks)
    {
        public double MeanMicroseconds => Stopwatch.GetElapsedTime(0, Ticks).TotalMicroseconds / Count;
    }
}
