// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Calls;
using VfioSharp.Supervisor.Files;
using VfioSharp.Supervisor.Paths;
using VfioSharp.Supervisor.Programs;
using VfioSharp.Supervisor.Traps;

namespace VfioSharp.Supervisor;

/// <summary>One supervised program with its descendants: who they are, what they hold, how they are answered.</summary>
internal sealed class Session : IDisposable
{
    private readonly EventWatcher _events;

    private delegate SyscallResult FileMaker(out ServedFile? file, out SafeDescriptor? descriptor);

    public Session(SoftwareHost host, SeccompListener listener, DescriptorWindow window, RunOptions options, ServedFiles files, EventWatcher events, Action<int, bool> processChanged, Action<string> folderMade)
    {
        Host = host;
        Listener = listener;
        Window = window;
        Options = options;
        Files = files;
        _events = events;
        Recorder = options.Trace is { } sink ? new CallRecorder(this, sink) : null;
        Memories = new DeviceMemoryFiles(options.Report);
        Paths = new ServedPaths(host, folderMade);
        Programs = new ProgramTable(FindDeviceMemory, MakeCaller) { ProcessChanged = processChanged };
    }

    /// <summary>
    /// Guards everything here but <see cref="Listener"/>, for the length of a call: calls are served one at a time, as
    /// is the release of what was closed. The host's locks are taken below it, never the other way round.
    /// </summary>
    public Lock Gate { get; } = new();

    public SoftwareHost Host { get; }

    public SeccompListener Listener { get; }

    public DescriptorWindow Window { get; }

    public RunOptions Options { get; }

    public ServedFiles Files { get; }

    public ProgramTable Programs { get; }

    /// <summary>The machine's files by their paths.</summary>
    public ServedPaths Paths { get; }

    /// <summary>The programs that are traced for their mapped registers.</summary>
    public TrappedPrograms Traps { get; } = new();

    /// <summary>The files that hold devices' memory.</summary>
    public DeviceMemoryFiles Memories { get; }

    public CurrentCall Current { get; } = new();

    /// <summary>Carries calls out when somebody traces them; null: nobody does.</summary>
    public CallRecorder? Recorder { get; }

    /// <summary>The thread whose call is served, once it was looked up.</summary>
    public RemoteThread? CurrentThread { get; set; }

    /// <summary>Looks the calling thread up, anew unless this call has done so.</summary>
    public SyscallResult FindThread(out RemoteThread? thread)
    {
        thread = CurrentThread;
        if (thread is not null) return SyscallResult.Ok(0);
        SyscallResult result = Programs.Find(Current.Thread, fresh: true, out thread);
        Remember(thread);
        return result;
    }

    /// <summary>What is open at a descriptor of the calling thread.</summary>
    public DescriptorKind Find(int descriptor, out ServedFile? file)
    {
        file = null;
        if (descriptor < 0) return DescriptorKind.Closed;
        RemoteThread? thread = CurrentThread ?? Programs.FindRemembered(Current.Thread);
        if (thread is not null && Window.Contains(descriptor) && thread.Recall(descriptor - Window.First) is { } known)
        {
            Remember(thread);
            file = known;
            return DescriptorKind.Host;
        }

        thread = CurrentThread;
        if (thread is null && Programs.Find(Current.Thread, fresh: false, out thread).IsError) return DescriptorKind.Foreign;
        Remember(thread);
        if (thread!.Identify(descriptor, out FileIdentity identity).IsError)
        {
            // Nothing is open there, or the number is another thread's by now: look it up anew.
            if (Programs.Find(Current.Thread, fresh: true, out thread).IsError) return DescriptorKind.Foreign;
            Remember(thread);
            if (thread!.Identify(descriptor, out identity).IsError) return DescriptorKind.Closed;
        }

        if (!Files.TryFind(identity, out file)) return DescriptorKind.Foreign;
        if (Window.Contains(descriptor)) thread.Remember(descriptor - Window.First, Window.End - Window.First, file!);
        return DescriptorKind.Host;
    }

    /// <summary>
    /// Gives the calling process a descriptor for something of the host's; the value is its number. On failure the
    /// thing itself is not released.
    /// </summary>
    /// <param name="name">What it is.</param>
    /// <param name="mode">How it is open.</param>
    /// <param name="closeOnExec">Whether exec closes it.</param>
    /// <param name="make">Makes the thing at its place.</param>
    /// <param name="memory">What of it is plain memory when mapped.</param>
    public KernelResult HandOut(string name, OpenMode mode, bool closeOnExec, Func<ServedPlace, ServedFile> make, FileMemory? memory = null)
    {
        DeviceMemoryFile? native = memory is null ? null : Memories.Prepare(name, memory);
        return HandOut(name, closeOnExec, (out ServedFile? file, out SafeDescriptor? descriptor) => native is null
            ? Files.Create(name, mode, make, out file, out descriptor)
            : Files.Create(native, mode, make, out file, out descriptor));
    }

    /// <summary>Gives the calling process a descriptor for an attribute that it writes.</summary>
    public KernelResult HandOutAttribute(string path, OpenMode mode, bool closeOnExec) =>
        HandOut(path, closeOnExec, (out ServedFile? file, out SafeDescriptor? descriptor) =>
            Files.CreateAttribute(path, mode, (attribute, text) => AttributeWrites.WriteUnanswered(this, attribute, text), out file, out descriptor));

    /// <summary>Tells who listens why a call of the current thread was refused.</summary>
    /// <param name="call">The call, by its names.</param>
    /// <param name="result">What it got.</param>
    /// <param name="remedy">What can be done about it, or null.</param>
    public void Explain(string call, in KernelResult result, string? remedy = null)
    {
        if (Options.Explain is not { } explain || result.Reason is null) return;
        string who = CurrentThread?.Process.Name ?? string.Create(CultureInfo.InvariantCulture, $"thread {Current.Thread}");
        explain(string.Create(CultureInfo.InvariantCulture, $"{who} {call} = {(result.IsError ? result.Errno.ToString() : result.Value)}: {result.Reason}{(remedy is null ? "" : "; remedy: " + remedy)}"));
    }

    /// <summary>Tells who listens why a call on a path was refused.</summary>
    public void ExplainPath(string call, string path, in KernelResult result)
    {
        if (Options.Explain is not null && result.Reason is not null) Explain(call, result, PathRemedies.For(path, result.Errno));
    }

    public void Dispose()
    {
        lock (Gate)
        {
            Files.Dispose();
            Memories.Dispose();
            Programs.Dispose();
            Paths.Dispose();
        }

        _events.Dispose();
    }

    private KernelResult HandOut(string name, bool closeOnExec, FileMaker make)
    {
        SyscallResult found = FindThread(out RemoteThread? thread);
        if (found.IsError) return KernelResult.Fail(found.Errno, $"thread {Current.Thread} cannot be looked at: {found.Errno}");
        return LaunchGate.HandOut(() => HandOut(thread!, name, closeOnExec, make));
    }

    private KernelResult HandOut(RemoteThread thread, string name, bool closeOnExec, FileMaker make)
    {
        SyscallResult made = make(out ServedFile? file, out SafeDescriptor? descriptor);
        if (file is null) return KernelResult.Fail(made.Errno, $"the supervisor has no file for {name}: {made.Errno}");
        int number = FreeNumber(thread);
        SyscallResult added = Listener.AddDescriptor(Current.Id, descriptor!, number, closeOnExec);

        // The number may be above a limit that the program lowered: any number is better than none.
        if (added.IsError && number >= 0) added = Listener.AddDescriptor(Current.Id, descriptor!, -1, closeOnExec);
        if (added.IsError) Files.Withdraw(file);
        descriptor!.Dispose();
        return added.IsError
            ? KernelResult.Fail(added.Errno, $"the descriptor table of {thread.Process.Name} takes no {name}: {added.Errno}")
            : KernelResult.Ok(added.Value);
    }

    private void Remember(RemoteThread? thread)
    {
        CurrentThread = thread;
        // Any live thread shows the memory; the leader may have ended before the others.
        if (thread is not null) thread.Process.Memory.Thread = Current.Thread;
    }

    // The lowest number of the window where nothing is open; -1 when there is none.
    private int FreeNumber(RemoteThread thread)
    {
        for (int number = Window.First; number < Window.End; number++)
            if (thread.Identify(number, out _).Errno == Errno.ENOENT) return number;
        return -1;
    }

    private IMappedRegion? FindDeviceMemory(FileIdentity identity, ulong offset, ulong length, out bool isDevice)
    {
        isDevice = Files.TryFind(identity, out ServedFile? file);
        return (file as ServedHostFile)?.Map(offset, length);
    }

    private Caller MakeCaller(RemoteProcess process) => new(
        process.Name,
        new RemoteMemory(process.Memory, Listener, Current),
        new RemoteFileTable(this, process, _events),
        new RemoteLimits(process.Memory, Options.LockedMemoryLimit),
        Host.PageSize);
}
