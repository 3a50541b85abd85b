// SPDX-License-Identifier: MIT
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Tracing;
using VfioSharp.Host;
using VfioSharp.Linux;
using VfioSharp.Supervisor;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Cli.HostControl;

/// <summary>The programs that run on a host, each for a connection. Thread-safe.</summary>
internal sealed class HostPrograms(SoftwareHost host, CancellationToken stop)
{
    private const int LastSignal = 31;

    private readonly ConcurrentDictionary<Connection, Entry> _running = new();
    private readonly HostObservers _observers = new(host);

    /// <summary>The programs, as they are now.</summary>
    public IReadOnlyList<ListedProgram> List() =>
    [
        .. _running.Values.OrderBy(entry => entry.Program.Id).Select(entry => new ListedProgram(
            entry.Program.Id,
            entry.Request.Client,
            string.Join(' ', entry.Request.Command),
            [.. entry.Program.ListUsers().Select(user => new ListedUser(user.Id, user.Name, user.LockedBytes))])),
    ];

    /// <summary>Runs a program to its end. The client's end is the program's.</summary>
    public HostAnswer Run(Connection connection, HostRequest request, List<SafeDescriptor> descriptors)
    {
        if (request.Run is not { } run || run.Command.Count == 0 || descriptors.Count != (run.Trace is null ? 3 : 4))
            return new HostAnswer(ExitCodes.Usage, "a run needs a command and three descriptors, a traced one four", "use vfio run --host");
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        TaskCompletionSource<RunningProgram> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread listener = new(() => Listen(connection, started.Task, end)) { IsBackground = true, Name = "vfio host: client" };
        connection.Patience = null;
        listener.Start();
        try
        {
            return new HostAnswer(Run(connection, run, descriptors, started, end.Token));
        }
        catch (SupervisorException problem)
        {
            return new HostAnswer(problem.IsCommandWrong ? ExitCodes.Usage : ExitCodes.Environment, problem.Cause, problem.Remedy);
        }
        finally
        {
            _running.TryRemove(connection, out _);
            started.TrySetCanceled(CancellationToken.None);
            connection.StopReading();
            listener.Join();
        }
    }

    private int Run(
        Connection connection, RunRequest run, List<SafeDescriptor> descriptors, TaskCompletionSource<RunningProgram> started, CancellationToken end)
    {
        // The client's own standard error: a message is where it would be without a host.
        void Tell(string line) => _ = Descriptors.Write(descriptors[2].Number, Encoding.UTF8.GetBytes($"vfio: {line}\n"));
        using ClientWriter? writer = run.Trace is null ? null : new ClientWriter(descriptors[3], Tell);
        using var tracing = RunTracing.Start(writer is null ? null : TraceOutput.To(writer, Tell), run.Trace ?? TraceFormat.Text, run.Statistics, host.PageSize);
        ITraceSink? sink = tracing.Sink is null ? null : new OwnDevices(tracing.Sink);
        if (sink is not null) _observers.Add(sink);
        try
        {
            return ProgramSupervisor.Run(host, run.Command, OptionsOf(connection, run, descriptors, started, Tell, sink, end));
        }
        finally
        {
            if (sink is not null) _observers.Remove(sink);
            foreach (string line in tracing.Lines()) Tell(line);
        }
    }

    private RunOptions OptionsOf(
        Connection connection, RunRequest run, List<SafeDescriptor> descriptors, TaskCompletionSource<RunningProgram> started,
        Action<string> tell, ITraceSink? sink, CancellationToken end)
    {
        return new RunOptions
        {
            Input = descriptors[0],
            Output = descriptors[1],
            Error = descriptors[2],
            Explain = run.Explain ? tell : null,
            Report = tell,
            Trace = sink,
            TrapsMappedRegisters = run.Trap,
            LockedMemoryLimit = run.LockedMemory,
            Cancellation = end,
            Origin = new ProgramOrigin(
                run.File, run.Environment, new ProgramPlace(run.Folder, run.FileModeMask),
                [.. run.Limits.Select(limit => new ResourceLimit(limit.Resource, limit.Soft, limit.Hard))]),
            Started = program =>
            {
                _running[connection] = new Entry(program, run);
                started.SetResult(program);
            },
        };
    }

    // Signals come while the program runs; the end of the client, or nonsense from it, is the program's.
    private static void Listen(Connection connection, Task<RunningProgram> started, CancellationTokenSource end)
    {
        List<SafeDescriptor> unwanted = [];
        try
        {
            while (connection.Receive(HostJson.Default.HostRequest, unwanted) is { Verb: HostVerb.Signal, Signal: > 0 and <= LastSignal } request)
                started.GetAwaiter().GetResult().Signal(request.Signal);
        }
        catch (Exception problem) when (problem is JsonException or OperationCanceledException)
        {
            // As if it had gone.
        }

        foreach (SafeDescriptor descriptor in unwanted) descriptor.Dispose();
        end.Cancel();
    }

    private sealed record Entry(RunningProgram Program, RunRequest Request);
}
