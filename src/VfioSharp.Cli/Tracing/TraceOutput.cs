// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Tracing;

/// <summary>
/// Where a trace goes. Each line is out before the next is taken, so that what was traced is there whatever becomes of
/// the run. A disk that is full ends the trace, not the program's calls.
/// </summary>
internal sealed class TraceOutput : IDisposable
{
    private readonly TextWriter _writer;
    private readonly bool _isOurs;
    private readonly Action<string> _report;

    // Guards the writer. Nothing is taken under it.
    private readonly Lock _lock = new();
    private bool _failed;

    private TraceOutput(TextWriter writer, bool isOurs, Action<string> report)
    {
        _writer = writer;
        _isOurs = isOurs;
        _report = report;
    }

    /// <summary>Writes to what is open, and stays so.</summary>
    public static TraceOutput To(TextWriter writer, Action<string> report) => new(writer, isOurs: false, report);

    /// <summary>Opens a trace's file anew.</summary>
    public static TraceOutput Create(string file, Action<string> report) => new(new StreamWriter(file) { AutoFlush = true }, isOurs: true, report);

    /// <summary>Writes a line, or several.</summary>
    public void WriteLine(string line)
    {
        lock (_lock)
        {
            if (_failed) return;
            try
            {
                _writer.Write(line + "\n");
            }
            catch (IOException problem)
            {
                _failed = true;
                _report($"the trace ends here: {problem.Message}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isOurs) Close();
            _failed = true;
        }
    }

    // What could not be written is tried again here, and said only once.
    private void Close()
    {
        try
        {
            _writer.Dispose();
        }
        catch (IOException problem)
        {
            if (!_failed) _report($"the trace ends here: {problem.Message}");
        }
    }
}
