// SPDX-License-Identifier: MIT
using System.Diagnostics;

namespace VfioSharp.Cli.Tracing;

/// <summary>Times of a trace, from its beginning.</summary>
internal sealed class TraceClock
{
    private readonly long _begin = Stopwatch.GetTimestamp();

    /// <summary>Now, in microseconds.</summary>
    public double Now => At(Stopwatch.GetTimestamp());

    /// <summary>A timestamp of <see cref="Stopwatch"/>, in microseconds.</summary>
    public double At(long timestamp) => Stopwatch.GetElapsedTime(_begin, timestamp).TotalMicroseconds;
}
