// SPDX-License-Identifier: MIT
using VfioSharp.Host;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Calls;
using VfioSharp.Supervisor.Files;
using VfioSharp.Supervisor.Programs;

namespace VfioSharp.Supervisor;

/// <summary>What serves one supervised program: a session and its two threads, from the filter to the last task's end.</summary>
internal sealed class Supervision : IDisposable
{
    // A cancelled run is not waited for to its last task.
    private const int CancellationLookMilliseconds = 100;

    private readonly SoftwareHost _host;
    private readonly RunOptions _options;
    private readonly Action<int, bool> _processChanged;
    private readonly Action<string> _folderMade;
    private readonly ServedFiles _files;
    private readonly EventWatcher _events;
    private readonly SafeDescriptor _wake;
    private Session? _session;
    private Housekeeper? _housekeeper;
    private NotificationLoop? _loop;

    /// <summary>Gets ready; <see cref="Begin"/> starts.</summary>
    public Supervision(SoftwareHost host, RunOptions options, Action<int, bool> processChanged, Action<string> folderMade)
    {
        _host = host;
        _options = options;
        _processChanged = processChanged;
        _folderMade = folderMade;
        _ = ProcessCredentials.ReadDescriptorLimit(0, out ulong limit);
        Window = DescriptorWindow.For(limit);
        _files = new ServedFiles(CreateWatch());
        _wake = CreateEvent();
        _events = new EventWatcher(CreateEvent());
    }

    /// <summary>The descriptor numbers that programs get.</summary>
    public DescriptorWindow Window { get; }

    /// <summary>Begins to serve. The listener is this object's from here on.</summary>
    public void Begin(SeccompListener listener)
    {
        _session = new Session(_host, listener, Window, _options, _files, _events, OnProcessChanged, _folderMade);
        _housekeeper = new Housekeeper(_session, _wake);
        _loop = new NotificationLoop(_session);
    }

    /// <summary>Waits until no task is left below the filter, or the run is cancelled.</summary>
    public void WaitForLastTask(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested &&
            Polling.WaitForHangUp(_session!.Listener.Number, CancellationLookMilliseconds).IsError)
        {
        }
    }

    /// <summary>The exit code of a process that a tracer reaped, or null.</summary>
    public int? ExitCodeOf(int process) => _session?.Traps.ExitCodeOf(process);

    /// <summary>Sends a signal to all processes that use the host.</summary>
    public void SignalAll(int signal)
    {
        if (_session is not { } session) return;
        lock (session.Gate)
        {
            foreach (RemoteProcess process in session.Programs.Processes) _ = process.Descriptor.Signal(signal);
        }
    }

    /// <summary>The processes that use the host.</summary>
    public IReadOnlyList<ProgramUser> ListUsers()
    {
        if (_session is not { } session) return [];
        lock (session.Gate)
            return [.. session.Programs.Processes.Select(process => new ProgramUser(process.Id, process.Name, process.Caller.Locked.Bytes))];
    }

    /// <summary>Ends serving, and releases what the programs still hold.</summary>
    public void Dispose()
    {
        if (_session is null)
        {
            _files.Dispose();
            _events.Dispose();
            _wake.Dispose();
            return;
        }

        bool stopped = _loop!.Stop();
        _housekeeper!.Dispose();
        _session.Dispose();
        if (stopped) _session.Listener.Dispose();
    }

    private static InotifyWatch CreateWatch()
    {
        SyscallResult created = InotifyWatch.Create(out InotifyWatch? watch);
        return watch ?? throw new SupervisorException(
            $"inotify, which tells when a program closes a file, refused an instance ({created.Errno}).",
            "Raise fs.inotify.max_user_instances (sysctl) or end other programs that use it.");
    }

    private static SafeDescriptor CreateEvent()
    {
        SyscallResult created = EventDescriptor.Create(0);
        return created.IsError
            ? throw new SupervisorException($"An eventfd could not be made ({created.Errno}).", "Raise the limit of open files (ulimit -n).")
            : new SafeDescriptor((int)created.Value);
    }

    private void OnProcessChanged(int process, bool lives)
    {
        _processChanged(process, lives);
        if (lives) _ = EventDescriptor.Signal(_wake.Number, 1);
    }
}
