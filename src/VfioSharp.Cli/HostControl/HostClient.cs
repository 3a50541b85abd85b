// SPDX-License-Identifier: MIT
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Tracing;
using VfioSharp.Linux;

namespace VfioSharp.Cli.HostControl;

/// <summary>Who asks a host.</summary>
internal static class HostClient
{
    private const int KilledCode = 137;
    private const int SignalStop = 19;
    private const int SignalTerminalStop = 20;
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>
    /// Signals that are passed on to the program, with their numbers. At SIGTSTP this process stops with the program, so that
    /// a shell's Ctrl-Z, fg and bg are the program's.
    /// </summary>
    private static readonly (PosixSignal Signal, int Number)[] s_signals =
    [
        (PosixSignal.SIGHUP, 1), (PosixSignal.SIGINT, 2), (PosixSignal.SIGQUIT, 3), (PosixSignal.SIGTERM, 15),
        .. OperatingSystem.IsWindows() ? [] : ((PosixSignal, int)[])[(PosixSignal.SIGCONT, 18), (PosixSignal.SIGTSTP, SignalTerminalStop)],
    ];

    /// <summary>Asks, and waits for the answer; a failure is thrown.</summary>
    public static HostAnswer Ask(string name, HostRequest request)
    {
        using Connection connection = Connect(name);
        connection.Send(request, HostJson.Default.HostRequest);
        HostAnswer answer = Receive(connection)
            ?? throw new CommandFailure(ExitCodes.Failure, $"host {name} ended before it answered", $"vfio host start --name {name} starts it again");
        if (answer.Cause is { } cause) throw new CommandFailure(answer.ExitCode, cause, answer.Remedy ?? "");
        // A host that stops closes the connection once it has given up its name.
        if (request.Verb == HostVerb.Stop) _ = Receive(connection);
        return answer;
    }

    /// <summary>Whether a host of that name answers.</summary>
    public static bool IsAlive(string name)
    {
        using Connection? connection = TryConnect(name);
        return connection is not null;
    }

    /// <summary>Runs a program on a host; its exit code.</summary>
    public static int Run(string name, IReadOnlyList<string> command, HostRunOptions options)
    {
        using FileStream? trace = OpenTrace(options.Trace);
        RunRequest run = new(
            Environment.ProcessId, command, Find(command[0]), Environment.CurrentDirectory, ReadFileModeMask(), ReadEnvironment(),
            [.. ResourceLimits.Read().Select(limit => new ListedLimit(limit.Resource, limit.Soft, limit.Hard))], options.Explain, options.Trap,
            options.Trace is null ? null : RunTracing.FormatOf(options.Trace, options.TraceFormat), options.Statistics, options.LockedMemory);
        int[] descriptors = run.Trace is null ? [0, 1, 2] : [0, 1, 2, trace is null ? 2 : (int)trace.SafeFileHandle.DangerousGetHandle()];
        using Connection connection = Connect(name);
        Lock sending = new(); // Guards the connection's writing side; nothing else is taken under it.
        List<PosixSignalRegistration> registrations = [];
        try
        {
            foreach ((PosixSignal signal, int number) in s_signals)
            {
                registrations.Add(PosixSignalRegistration.Create(signal, context =>
                {
                    context.Cancel = true;
                    lock (sending) connection.Send(new HostRequest(HostVerb.Signal, Signal: number), HostJson.Default.HostRequest);
                    if (number == SignalTerminalStop) Stop();
                }));
            }

            lock (sending) connection.Send(new HostRequest(HostVerb.Run, Run: run), HostJson.Default.HostRequest, descriptors);
            HostAnswer answer = Receive(connection)
                ?? throw new CommandFailure(KilledCode, $"host {name} ended, and the program with it", $"vfio host start --name {name} starts it again");
            return answer.Cause is { } cause ? throw new CommandFailure(answer.ExitCode, cause, answer.Remedy ?? "") : answer.ExitCode;
        }
        finally
        {
            foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        }
    }

    // Opened here: the name is this process's, and so is the right to write there. Null: standard error.
    private static FileStream? OpenTrace(string? file)
    {
        if (file is null or "-") return null;
        try
        {
            return new FileStream(file, FileMode.Create, FileAccess.Write);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw RunTracing.CannotWrite(problem.Message);
        }
    }

    private static void Stop()
    {
        _ = ProcessDescriptor.Open(Environment.ProcessId, out ProcessDescriptor? self);
        using (self) _ = self?.Signal(SignalStop);
    }

    private static HostAnswer? Receive(Connection connection)
    {
        try
        {
            return connection.Receive(HostJson.Default.HostAnswer, new List<SafeDescriptor>());
        }
        catch (JsonException problem)
        {
            throw new CommandFailure(ExitCodes.Failure, $"the host's answer makes no sense: {problem.Message}", "use the vfio of the same version as the host's");
        }
    }

    private static Connection Connect(string name) => TryConnect(name) ?? throw new CommandFailure(
        ExitCodes.Failure, $"no host {name} runs", name == HostFolder.DefaultName ? "vfio host start --detach starts it" : $"vfio host start --detach --name {name} starts it");

    private static Connection? TryConnect(string name)
    {
        string path = HostFolder.SocketOf(name);
        if (!Directory.Exists(HostFolder.Path)) return null;
        HostFolder.Create();
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new Connection(socket);
        }
        catch (Exception cause) when (cause is SocketException or ArgumentException)
        {
            socket.Dispose();
            return null;
        }
    }

    // execvp's rule, with this process's PATH: the host has another.
    private static string Find(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal)) return program;
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "/bin:/usr/bin").Split(':'))
        {
            string file = Path.Combine(folder.Length == 0 ? "." : folder, program);
            if (File.Exists(file) && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Executable) != 0) return Path.GetFullPath(file);
        }

        throw CommandFailure.Usage($"The program {program} was not found.", "Check its name, or give its path.");
    }

    private static Dictionary<string, string> ReadEnvironment()
    {
        Dictionary<string, string> variables = [];
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables()) variables[(string)entry.Key] = (string?)entry.Value ?? "";
        return variables;
    }

    // umask(2) tells it only by changing it; the kernel also shows it here.
    private static int ReadFileModeMask()
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
            if (line.StartsWith("Umask:", StringComparison.Ordinal)) return Convert.ToInt32(line[6..].Trim(), 8);
        return 0x12; // 022
    }
}
