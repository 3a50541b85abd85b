// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Host;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Calls;

namespace VfioSharp.Supervisor;

/// <summary>
/// Runs unmodified programs against the software host: their VFIO calls are intercepted by seccomp user notification
/// and answered from here. Several may run at once on one host.
/// </summary>
public static class ProgramSupervisor
{
    private const string InProcessOnly = "Use the software host in process instead (vfio script, vfio conformance, or the client library).";
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;

    /// <summary>Runs a program, and all that it starts, to the end.</summary>
    /// <param name="host">The host that answers. It outlives the program.</param>
    /// <param name="command">The program (searched on PATH) and its arguments.</param>
    /// <param name="options">How.</param>
    /// <returns>The program's exit code; 128 + the signal that ended it.</returns>
    /// <exception cref="SupervisorException">The program could not be started, or cannot be supervised here.</exception>
    public static int Run(SoftwareHost host, IReadOnlyList<string> command, RunOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        if (command is null or []) throw new SupervisorException("No program was named.", "Name one: vfio run -- PROGRAM ARGS.", isCommandWrong: true);
        RequirePlatform();

        using LifetimeGuard? guard = LifetimeGuard.Start(options);
        using Supervision supervision = new(host, options, (process, lives) => guard?.Note(process, lives), folder => guard?.Note(folder));
        (ProcessDescriptor program, int id) = Start(command, options, supervision);
        using (program)
        {
            guard?.Note(id, lives: true);
            RunningProgram running = new(id, program, options.Origin is not null, supervision);
            try
            {
                options.Started?.Invoke(running);
                using CancellationTokenRegistration cancel = options.Cancellation.Register(() => Kill(supervision, running));
                int code = Wait(program, id, supervision, options);
                guard?.Note(id, lives: false);
                return code;
            }
            finally
            {
                running.End();
            }
        }
    }

    private static void RequirePlatform()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            throw new SupervisorException("Running unmodified programs works on x86-64 Linux only.", InProcessOnly);
    }

    private static (ProcessDescriptor Program, int Id) Start(IReadOnlyList<string> command, RunOptions options, Supervision supervision)
    {
        ChildProgramStart start = new(command, options.Environment, options.Input, options.Output, options.Error);
        if (options.Origin is { } origin)
            start = start with { File = origin.File, Environment = origin.Environment, InheritsEnvironment = false, Place = origin.Place, LeadsGroup = true };
        bool filterRefused = false;
        SyscallResult started = LaunchGate.Launch(() =>
            ChildProgram.StartFiltered(start, InterceptionFilter.Build(supervision.Window), supervision.Begin, out filterRefused));
        if (filterRefused) throw FilterRefused(started.Errno);
        if (started.IsError) throw NotStarted(command[0], started.Errno);
        int id = (int)started.Value;
        SyscallResult opened = ProcessDescriptor.Open(id, out ProcessDescriptor? program);
        return program is null
            ? throw new SupervisorException($"The started program cannot be watched ({opened.Errno}).", "It needs Linux 5.9 or later, and free descriptors (ulimit -n).")
            : (program, id);
    }

    private static SupervisorException NotStarted(string program, Errno errno) => errno switch
    {
        Errno.ENOENT => new($"The program {program} was not found.", "Check its name, or give its path.", isCommandWrong: true),
        Errno.EACCES => new($"The program {program} may not be executed.", "Check its permissions (chmod +x).", isCommandWrong: true),
        _ => new($"The program {program} could not be started ({errno}).", "Check that it runs without vfio run."),
    };

    private static SupervisorException FilterRefused(Errno errno) => errno switch
    {
        Errno.EBUSY => new("This process is itself below a seccomp supervisor, and the kernel allows one only.", "Start vfio run outside of it (a container's supervisor, another vfio run)."),
        _ => new($"The kernel refused a seccomp filter with user notification ({errno}).", "It needs Linux 5.9 or later with CONFIG_SECCOMP_FILTER, and a sandbox that allows seccomp(2). " + InProcessOnly),
    };

    // The program's end is not its children's: they are served until the last task below the filter is gone.
    private static int Wait(ProcessDescriptor program, int id, Supervision supervision, RunOptions options)
    {
        int code;
        // A terminal's Ctrl-C goes to the program too: what comes of it is the program's decision.
        using (PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true))
        using (PosixSignalRegistration.Create(PosixSignal.SIGQUIT, signal => signal.Cancel = true))
        using (PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            _ = program.Signal(SignalTerminate);
        }))
        {
            SyscallResult exited = program.WaitForExit();
            // A program that is traced may have been reaped by its tracer.
            code = exited.IsError ? supervision.ExitCodeOf(id) ?? 1 : (int)exited.Value;
        }

        supervision.WaitForLastTask(options.Cancellation);
        return code;
    }

    private static void Kill(Supervision supervision, RunningProgram program)
    {
        program.Signal(SignalKill);
        supervision.SignalAll(SignalKill);
    }
}
