// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Pci;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Cli.Tracing;

/// <summary>A trace as lines for people: seconds, who, what, the answer.</summary>
internal sealed class TextTrace(TraceOutput writer) : ITraceSink
{
    private const double MicrosecondsPerSecond = 1e6;

    private readonly TraceClock _clock = new();

    /// <inheritdoc/>
    public void Call(in TracedCall call)
    {
        DecodedCall decoded = DecodedCall.Of(in call);
        var line = new StringBuilder();
        line.Append(SafeText.Escape(call.Program)).Append(' ').Append(decoded.Call).Append('(');
        line.Append(decoded.Call == "open" ? $"\"{decoded.On}\"" : decoded.On);
        if (decoded.Name.Length > 0) line.Append(", ").Append(decoded.Name);
        if (decoded.Before.Count > 0) AppendValues(line.Append(' '), decoded.Before);
        line.Append(") = ").Append(call.Result.IsError ? call.Result.Errno : call.Result.Value);
        if (decoded.After.Count > 0) AppendValues(line.Append(' '), decoded.After);
        if (call.Result.Reason is { } reason) line.Append(": ").Append(SafeText.Escape(reason));
        line.Append(CultureInfo.InvariantCulture, $" <{_clock.At(call.Ended) - _clock.At(call.Started):f1} µs>");
        Write(_clock.At(call.Started), line.ToString());
    }

    /// <inheritdoc/>
    public void Access(in TracedAccess access)
    {
        string fault = access.Fault == MemoryFault.None ? "" : $" ({access.Fault})";
        Write(_clock.Now, string.Create(
            CultureInfo.InvariantCulture,
            $"{SafeText.Escape(access.Program)} {(access.IsStore ? "store" : "load")}({access.File}, {RegionOffset.Format(access.Offset)} {{length={access.Width}}}) = 0x{access.Value:x}{fault}"));
    }

    /// <inheritdoc/>
    public void Dma(PciAddress device, Iova iova, int length, bool isWrite, bool isComplete) => Write(_clock.Now, string.Create(
        CultureInfo.InvariantCulture,
        $"device {device} DMA {(isWrite ? "write" : "read")} iova 0x{iova.Value:x}+0x{length:x}{(isComplete ? "" : " (fault)")}"));

    /// <inheritdoc/>
    public void Interrupt(PciAddress device, uint index, int vector) => Write(_clock.Now, string.Create(
        CultureInfo.InvariantCulture,
        $"device {device} interrupt {InterruptIndex.NameOf(index)} {vector}"));

    private static void AppendValues(StringBuilder line, IReadOnlyList<DecodedValue> values) =>
        line.Append('{').AppendJoin(' ', values.Select(value => $"{value.Name}={value.Text}")).Append('}');

    private void Write(double microseconds, string line)
    {
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{microseconds / MicrosecondsPerSecond,10:f6} {line}"));
    }
}
