// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Traps;

/// <summary>
/// Traces a program, and what it starts, so that its accesses to mapped device memory, which raise SIGBUS, are carried
/// out instead. ptrace ties it to a thread: this one waits for the program's stops, and for nothing else.
/// </summary>
internal sealed class ProgramTracer
{
    private const int SignalBus = 7;
    private const int BeyondFile = 2; // BUS_ADRERR
    private const int LongestInstruction = 15;

    private readonly Session _session;
    private readonly Action<int, int> _ended;
    private readonly MappedDevices _devices;
    private readonly RegisterFile _registers = new(0);
    private readonly InstructionEmulator _emulator;
    private readonly TaskCompletionSource<SyscallResult> _seized = new();

    private ProgramTracer(Session session, Action<int, int> ended)
    {
        _session = session;
        _ended = ended;
        _devices = new MappedDevices(session);
        _emulator = new InstructionEmulator(_devices, _registers);
    }

    /// <summary>Begins to trace a process. <paramref name="ended"/> hears of each traced thread's end, with its exit code.</summary>
    public static SyscallResult Start(Session session, int process, Action<int, int> ended)
    {
        var tracer = new ProgramTracer(session, ended);
        new Thread(() => tracer.Run(process)) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"vfio run: mapped registers of {process}") }.Start();
        return tracer._seized.Task.Result;
    }

    private void Run(int process)
    {
        _seized.SetResult(Tracee.SeizeProcess(process));
        while (!Tracee.Wait(out TraceReport report).IsError) Handle(in report);
    }

    private void Handle(in TraceReport report)
    {
        switch (report.Kind)
        {
            case TraceStop.Signal:
                _ = Tracee.Resume(report.Thread, report.Value == SignalBus && CarryOut(report.Thread) ? 0 : report.Value);
                break;
            case TraceStop.Group:
                _ = Tracee.StayStopped(report.Thread);
                break;
            case TraceStop.Event:
                _ = Tracee.Resume(report.Thread, 0);
                break;
            case TraceStop.Exited:
                _ended(report.Thread, report.Value);
                break;
            default:
                _ended(report.Thread, 128 + report.Value);
                break;
        }
    }

    // Whether the access that raised the signal is carried out; otherwise the signal is the program's.
    private bool CarryOut(int thread)
    {
        try
        {
            if (Tracee.ReadSignal(thread, out int code, out ulong address).IsError || code != BeyondFile) return false;
            if (!_devices.Begin(thread) || !_devices.Contains(address) || !_registers.Begin(thread)) return false;
            Span<byte> bytes = stackalloc byte[LongestInstruction];
            int length = _devices.ReadCode(thread, _registers.General.Rip, bytes);
            EmulationResult result = _emulator.Execute(bytes[..length]);
            if (result == EmulationResult.Unknown)
            {
                _session.Options.Report?.Invoke(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_devices.Program} gets SIGBUS: its instruction \"{_emulator.Last}\" at 0x{_registers.General.Rip:x} on mapped registers is none that can be carried out; pread and pwrite of the device reach them"));
            }

            return result == EmulationResult.Done && _registers.Commit();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A mistake of ours must not end the program's life in another way than a fault would.
            _session.Options.Report?.Invoke($"internal error in an access to mapped registers of thread {thread}: {error.Message}");
            return false;
        }
    }
}
