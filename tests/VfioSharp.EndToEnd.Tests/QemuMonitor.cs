// SPDX-License-Identifier: MIT
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VfioSharp.EndToEnd.Tests;

/// <summary>QEMU's monitor: JSON lines over a socket.</summary>
internal sealed class QemuMonitor : IDisposable
{
    private readonly Socket _socket;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;
    private readonly List<JsonObject> _events = [];

    public QemuMonitor(Socket socket)
    {
        _socket = socket;
        NetworkStream stream = new(socket);
        _reader = new StreamReader(stream);
        _writer = new StreamWriter(stream) { AutoFlush = true };
        _ = Read();
        Execute("qmp_capabilities");
    }

    /// <summary>Carries a command out.</summary>
    public void Execute(string command, JsonObject? arguments = null)
    {
        JsonObject message = new() { ["execute"] = command };
        if (arguments is not null) message["arguments"] = arguments;
        _writer.WriteLine(message.ToJsonString());
        while (true)
        {
            JsonObject answer = Read();
            if (answer["error"] is { } error) Assert.Fail($"{command}: {error.ToJsonString()}");
            if (answer.ContainsKey("return")) return;
            _events.Add(answer);
        }
    }

    /// <summary>Waits until a device is gone from the guest's machine.</summary>
    public void WaitDeleted(string device)
    {
        while (!_events.Exists(IsDeleted)) _events.Add(Read());
        _events.RemoveAll(IsDeleted);

        bool IsDeleted(JsonObject message) =>
            (string?)message["event"] == "DEVICE_DELETED" && (string?)message["data"]?["device"] == device;
    }

    public void Dispose()
    {
        _writer.Dispose();
        _reader.Dispose();
        _socket.Dispose();
    }

    private JsonObject Read()
    {
        string line = _reader.ReadLine() ?? throw new IOException("QEMU closed its monitor.");
        return JsonSerializer.Deserialize<JsonObject>(line)!;
    }
}
