// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Tracing;

/// <summary>How a trace is written.</summary>
internal enum TraceFormat
{
    /// <summary>A line an event, for people.</summary>
    Text,

    /// <summary>A JSON object a line.</summary>
    JsonLines,

    /// <summary>The JSON of Chrome's trace viewer, which ui.perfetto.dev opens.</summary>
    Perfetto,
}
