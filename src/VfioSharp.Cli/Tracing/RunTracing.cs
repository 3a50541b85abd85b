// SPDX-License-Identifier: MIT
using System.CommandLine;
using VfioSharp.Cli.Commands;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Cli.Tracing;

/// <summary>The options <c>--trace</c>, <c>--trace-format</c> and <c>--stats</c> of a run, and what they ask for.</summary>
internal sealed class RunTracing : IDisposable
{
    private readonly TraceOutput? _output;
    private readonly JsonTrace? _json;
    private readonly RunStatistics? _statistics;

    private RunTracing(TraceOutput? output, TraceFormat format, RunStatistics? statistics)
    {
        _output = output;
        _statistics = statistics;
        List<ITraceSink> sinks = [];
        if (output is not null && format == TraceFormat.Text) sinks.Add(new TextTrace(output));
        else if (output is not null) sinks.Add(_json = new JsonTrace(output, isPerfetto: format == TraceFormat.Perfetto));
        if (statistics is not null) sinks.Add(statistics);
        Sink = sinks.Count switch
        {
            0 => null,
            1 => sinks[0],
            _ => new TraceFan([.. sinks]),
        };
    }

    /// <summary>Hears what happens; null when nothing was asked for.</summary>
    public ITraceSink? Sink { get; }

    /// <summary>The <c>--trace</c> option.</summary>
    public static Option<string> CreateFileOption() => new("--trace")
    {
        Description = "Write every VFIO call, decoded, with DMA, interrupts and accesses to mapped registers, to a file; -: standard error.",
        HelpName = "FILE|-",
    };

    /// <summary>The <c>--trace-format</c> option.</summary>
    public static Option<string> CreateFormatOption()
    {
        Option<string> format = new("--trace-format")
        {
            Description = "The trace's form: lines of text, of JSON, or the JSON that ui.perfetto.dev opens. By default as the file's name ends: .jsonl, .json, anything else.",
            HelpName = "text|jsonl|perfetto",
        };
        format.AcceptOnlyFromAmong("text", "jsonl", "perfetto");
        return format;
    }

    /// <summary>The <c>--stats</c> option.</summary>
    public static Option<bool> CreateStatisticsOption() => new("--stats")
    {
        Description = "At the end, print on standard error what there was: calls by kind, DMA, interrupts, locked memory.",
    };

    /// <summary>Makes what the options ask for.</summary>
    public static RunTracing Start(string? file, string? format, bool wantsStatistics, int pageSize, TextWriter error) =>
        Start(file is null ? null : Open(file, error), FormatOf(file, format), wantsStatistics, pageSize);

    /// <summary>Makes what is asked for; the output is its own from here on.</summary>
    public static RunTracing Start(TraceOutput? output, TraceFormat format, bool wantsStatistics, int pageSize) =>
        new(output, format, wantsStatistics ? new RunStatistics(pageSize) : null);

    /// <summary>The form that was chosen, or that the file's name tells.</summary>
    public static TraceFormat FormatOf(string? file, string? format) => (format ?? Path.GetExtension(file)?.TrimStart('.')) switch
    {
        "jsonl" => TraceFormat.JsonLines,
        "json" or "perfetto" => TraceFormat.Perfetto,
        _ => TraceFormat.Text,
    };

    /// <summary>That the trace's file cannot be made.</summary>
    public static CommandFailure CannotWrite(string cause) =>
        CommandFailure.Usage($"the trace cannot be written: {cause}", "name a file in a folder that is there and can be written");

    /// <summary>The program has ended: the statistics in lines, when they were asked for.</summary>
    public IReadOnlyList<string> Lines() => _statistics?.Lines() ?? [];

    public void Dispose()
    {
        _json?.Dispose();
        _output?.Dispose();
    }

    private static TraceOutput Open(string file, TextWriter error)
    {
        void Report(string line) => error.WriteLine($"vfio: {line}");
        if (file == "-") return TraceOutput.To(error, Report);
        try
        {
            return TraceOutput.Create(file, Report);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(problem.Message);
        }
    }
}
