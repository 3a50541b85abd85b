// SPDX-License-Identifier: MIT
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using VfioSharp.Cli.Commands;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Linux;

namespace VfioSharp.Cli.HostControl;

/// <summary>
/// A software host that other processes of the same user use: each connection is one request, a thread of its own, and what
/// goes wrong there ends that connection alone.
/// </summary>
internal sealed class HostServer : IDisposable
{
    private const int MostConnections = 128;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly string _name;
    private readonly FileStream _lock;
    private readonly Socket _listener;
    private readonly HostOperations _operations;
    private readonly HostPrograms _programs;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Connection, Thread> _connections = new();

    // Who has not asked yet, the oldest first. The accepting thread's alone.
    private readonly List<Connection> _waiting = [];

    // Those who asked for the end: when their connection closes, the host has given up its name.
    private readonly ConcurrentBag<Connection> _farewells = [];

    private HostServer(string name, SoftwareHost host, MachineDescription machine, FileStream held, Socket listener)
    {
        _name = name;
        _lock = held;
        _listener = listener;
        _programs = new HostPrograms(host, _stop.Token);
        _operations = new HostOperations(name, host, machine, _programs);
    }

    /// <summary>Begins to listen. A host that died left its socket, but not its lock.</summary>
    public static HostServer Start(string name, SoftwareHost host, MachineDescription machine)
    {
        HostFolder.Create();
        string path = HostFolder.SocketOf(name);
        FileStream held;
        try
        {
            held = new FileStream(HostFolder.LockOf(name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new CommandFailure(ExitCodes.Failure, $"host {name} runs already", $"vfio host stop --name {name} ends it; another --name starts another");
        }

        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            File.Delete(path);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            return new HostServer(name, host, machine, held, listener);
        }
        catch (Exception cause) when (cause is SocketException or IOException or ArgumentException)
        {
            listener.Dispose();
            held.Dispose();
            throw new CommandFailure(ExitCodes.Environment, $"the socket {path} cannot be made: {cause.Message}", "set XDG_RUNTIME_DIR to a folder of yours with a short name");
        }
    }

    /// <summary>Ends all programs, and lets <see cref="Serve()"/> return. Any thread may ask.</summary>
    public void Stop()
    {
        if (_stop.IsCancellationRequested) return;
        _stop.Cancel();
        // Wakes the accept; a socket that is closed meanwhile need not be woken.
        try
        {
            _listener.Shutdown(SocketShutdown.Both);
        }
        catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
        {
        }
    }

    /// <summary>Serves until stopped.</summary>
    public void Serve()
    {
        while (!_stop.IsCancellationRequested)
        {
            Connection connection;
            try
            {
                connection = new Connection(_listener.Accept()) { Patience = s_patience };
            }
            catch (SocketException)
            {
                // Stopped, or out of descriptors: then there is nobody to tell, and some will come free.
                _stop.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(20));
                continue;
            }

            if (connection.PeerUser != ProcessCredentials.User)
            {
                connection.Dispose();
                continue;
            }

            if (!MakeRoom())
            {
                connection.Send(
                    new HostAnswer(ExitCodes.Failure, $"host {_name} serves {MostConnections} requests already", "wait until a program ends, or start another host"),
                    HostJson.Default.HostAnswer);
                connection.Dispose();
                continue;
            }

            Thread thread = new(() => Serve(connection)) { IsBackground = true, Name = "vfio host: connection" };
            _connections[connection] = thread;
            _waiting.Add(connection);
            thread.Start();
        }

        // Programs are dying, which ends what waited for them; who has asked nothing yet is not waited for.
        KeyValuePair<Connection, Thread>[] left = [.. _connections];
        foreach ((Connection connection, _) in left) connection.StopReading();
        foreach ((_, Thread thread) in left) thread.Join(s_patience);
    }

    // A client that connects and asks nothing goes when somebody else comes: only requests keep a place.
    private bool MakeRoom()
    {
        _waiting.RemoveAll(connection => connection.HasAsked || !_connections.ContainsKey(connection));
        if (_connections.Count < MostConnections) return true;
        if (_waiting.Count == 0) return false;
        Connection oldest = _waiting[0];
        oldest.StopReading();
        _connections.GetValueOrDefault(oldest)?.Join();
        return true;
    }

    public void Dispose()
    {
        File.Delete(HostFolder.SocketOf(_name));
        _listener.Dispose();
        _lock.Dispose();
        foreach (Connection connection in _farewells) connection.Dispose();
        _stop.Dispose();
    }

    private void Serve(Connection connection)
    {
        List<SafeDescriptor> descriptors = [];
        try
        {
            if (connection.Receive(HostJson.Default.HostRequest, descriptors) is { } request)
            {
                connection.HasAsked = true;
                HostAnswer answer = Answer(connection, request, descriptors);
                connection.Send(answer, HostJson.Default.HostAnswer);
                if (request.Verb == HostVerb.Stop)
                {
                    _farewells.Add(connection);
                    Stop();
                }
            }
        }
        catch (Exception cause) when (cause is not OutOfMemoryException)
        {
            // Whatever one client sent, the others go on.
            connection.Send(new HostAnswer(ExitCodes.Usage, $"the host did not understand: {cause.Message}", "use the vfio of the same version as the host's"), HostJson.Default.HostAnswer);
        }
        finally
        {
            foreach (SafeDescriptor descriptor in descriptors) descriptor.Dispose();
            _connections.TryRemove(connection, out _);
            if (!_farewells.Contains(connection)) connection.Dispose();
        }
    }

    private HostAnswer Answer(Connection connection, HostRequest request, List<SafeDescriptor> descriptors)
    {
        try
        {
            return request.Verb == HostVerb.Run ? _programs.Run(connection, request, descriptors) : _operations.Answer(request);
        }
        catch (CommandFailure failure)
        {
            return new HostAnswer(failure.ExitCode, failure.Message, failure.Remedy);
        }
    }
}
