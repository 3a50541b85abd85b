// SPDX-License-Identifier: MIT
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Pci;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Cli.Tracing;

/// <summary>
/// A trace in JSON: an object a line, or the array of Chrome's trace viewer, which may break off anywhere and is read
/// all the same.
/// </summary>
internal sealed class JsonTrace : ITraceSink, IDisposable
{
    private const int DevicesProcess = 0;

    private readonly TraceOutput _writer;
    private readonly bool _isPerfetto;
    private readonly TraceClock _clock = new();

    // Guards the writer and the buffer. Nothing is taken under it.
    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly HashSet<int> _named = [];

    public JsonTrace(TraceOutput writer, bool isPerfetto)
    {
        _writer = writer;
        _isPerfetto = isPerfetto;
        if (isPerfetto) writer.WriteLine("[");
    }

    /// <inheritdoc/>
    public void Call(in TracedCall call)
    {
        DecodedCall decoded = DecodedCall.Of(in call);
        double started = _clock.At(call.Started);
        double duration = Math.Round(_clock.At(call.Ended) - started, 3);
        lock (_lock)
        {
            string name = decoded.Call == "ioctl" ? decoded.Name : decoded.Call;
            using Utf8JsonWriter json = Begin(decoded.Call, name, started, duration, call.Program, call.Process, call.Thread);
            json.WriteString("call", decoded.Call);
            json.WriteString(decoded.Call == "open" ? "path" : "on", decoded.On);
            if (decoded.Name.Length > 0) json.WriteString(decoded.Call == "ioctl" ? "request" : "at", decoded.Name);
            WriteValues(json, "before", decoded.Before);
            WriteValues(json, "after", decoded.After);
            json.WriteNumber("result", call.Result.RawValue);
            if (call.Result.IsError) json.WriteString("errno", call.Result.Errno.ToString());
            if (call.Result.Reason is { } reason) json.WriteString("reason", reason);
            End(json);
        }
    }

    /// <inheritdoc/>
    public void Access(in TracedAccess access)
    {
        lock (_lock)
        {
            string name = access.IsStore ? "store" : "load";
            using Utf8JsonWriter json = Begin("access", name, _clock.Now, null, access.Program, access.Process, access.Thread);
            json.WriteString("call", name);
            json.WriteString("on", access.File);
            json.WriteString("at", RegionOffset.Format(access.Offset));
            json.WriteNumber("length", access.Width);
            json.WriteString("value", $"0x{access.Value:x}");
            if (access.Fault != MemoryFault.None) json.WriteString("fault", access.Fault.ToString());
            End(json);
        }
    }

    /// <inheritdoc/>
    public void Dma(PciAddress device, Iova iova, int length, bool isWrite, bool isComplete)
    {
        lock (_lock)
        {
            using Utf8JsonWriter json = Begin("dma", isWrite ? "DMA write" : "DMA read", _clock.Now, null, "devices", DevicesProcess, ThreadOf(device));
            json.WriteString("on", $"device {device}");
            json.WriteString("iova", $"0x{iova.Value:x}");
            json.WriteNumber("length", length);
            json.WriteBoolean("complete", isComplete);
            End(json);
        }
    }

    /// <inheritdoc/>
    public void Interrupt(PciAddress device, uint index, int vector)
    {
        lock (_lock)
        {
            using Utf8JsonWriter json = Begin("interrupt", InterruptIndex.NameOf(index), _clock.Now, null, "devices", DevicesProcess, ThreadOf(device));
            json.WriteString("on", $"device {device}");
            json.WriteString("index", InterruptIndex.NameOf(index));
            json.WriteNumber("vector", vector);
            End(json);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            // Every event ends with a comma, and strict readers want none after the last.
            if (_isPerfetto) _writer.WriteLine("{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":0,\"args\":{\"name\":\"devices\"}}\n]");
        }
    }

    // An event up to where its own members begin.
    private Utf8JsonWriter Begin(string category, string name, double microseconds, double? duration, string program, int process, int thread)
    {
        _buffer.ResetWrittenCount();
        if (_isPerfetto && _named.Add(process)) NameProcess(program, process);
        Utf8JsonWriter json = new(_buffer);
        json.WriteStartObject();
        if (_isPerfetto)
        {
            json.WriteString("name", name);
            json.WriteString("cat", category);
            json.WriteString("ph", duration is null ? "i" : "X");
            json.WriteNumber("ts", Math.Round(microseconds, 3));
            if (duration is { } lasted) json.WriteNumber("dur", lasted);
            else json.WriteString("s", "t");
            json.WriteNumber("pid", process);
            json.WriteNumber("tid", thread);
            json.WriteStartObject("args");
            return json;
        }

        json.WriteNumber("us", Math.Round(microseconds, 3));
        if (duration is { } served) json.WriteNumber("served_us", served);
        json.WriteString("event", category is "access" or "dma" or "interrupt" ? category : "call");
        json.WriteString("program", program);
        json.WriteNumber("thread", thread);
        return json;
    }

    private void End(Utf8JsonWriter json)
    {
        if (_isPerfetto) json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        _writer.WriteLine(Encoding.UTF8.GetString(_buffer.WrittenSpan) + (_isPerfetto ? "," : ""));
    }

    private void NameProcess(string program, int process)
    {
        string name = JsonEncodedText.Encode(program).ToString();
        _writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $$$"""{"name":"process_name","ph":"M","pid":{{{process}}},"args":{"name":"{{{name}}}"}},"""));
    }

    private static void WriteValues(Utf8JsonWriter json, string name, IReadOnlyList<DecodedValue> values)
    {
        if (values.Count == 0) return;
        json.WriteStartObject(name);
        foreach (DecodedValue value in values)
        {
            if (value.IsNumber) json.WritePropertyName(value.Name);
            if (value.IsNumber) json.WriteRawValue(value.Text);
            else json.WriteString(value.Name, value.Text);
        }

        json.WriteEndObject();
    }

    // In the trace viewer a device is a thread of the process "devices".
    private static int ThreadOf(PciAddress device) => (device.Segment << 16) | (device.Bus << 8) | device.DeviceFunction;
}
