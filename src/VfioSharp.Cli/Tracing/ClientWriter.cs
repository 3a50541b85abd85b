// SPDX-License-Identifier: MIT
using System.Collections.Concurrent;
using System.Text;
using VfioSharp.Linux;

namespace VfioSharp.Cli.Tracing;

/// <summary>
/// Writes to a descriptor that the client of a host gave, on a thread of its own: a client that does not read its trace must
/// not hold up devices and programs of others. What it leaves unread too long is dropped, with one line that says so.
/// </summary>
internal sealed class ClientWriter : TextWriter
{
    private const int MostLines = 1 << 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly SafeDescriptor _descriptor;
    private readonly Action<string> _report;
    private readonly BlockingCollection<string> _lines;
    private readonly Thread _thread;
    private long _dropped;

    /// <summary>Begins. The descriptor stays its owner's, who closes it after this.</summary>
    public ClientWriter(SafeDescriptor descriptor, Action<string> report, int mostLines = MostLines)
    {
        _descriptor = descriptor;
        _report = report;
        _lines = new(mostLines);
        _thread = new Thread(Drain) { IsBackground = true, Name = "vfio host: trace" };
        _thread.Start();
    }

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        if (value is not null && !_lines.TryAdd(value)) Interlocked.Increment(ref _dropped);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing || _lines.IsAddingCompleted) return;
        _lines.CompleteAdding();
        bool ended = _thread.Join(s_patience);
        long dropped = Interlocked.Read(ref _dropped) + (ended ? 0 : _lines.Count);
        if (dropped != 0) _report($"the trace has gaps: {dropped} lines came faster than they were read");
        base.Dispose(disposing);
    }

    private void Drain()
    {
        foreach (string line in _lines.GetConsumingEnumerable())
        {
            if (WriteAll(Encoding.GetBytes(line))) continue;
            // Nobody reads any more, or the disk is full: the rest is taken and forgotten.
            foreach (string _ in _lines.GetConsumingEnumerable())
            {
            }
        }
    }

    private bool WriteAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            SyscallResult written = Descriptors.Write(_descriptor.Number, bytes);
            if (written.Errno == Errno.EINTR) continue;
            if (written.IsError)
            {
                _report($"the trace ends here: {written.Errno}");
                return false;
            }

            bytes = bytes[(int)written.Value..];
        }

        return true;
    }
}
