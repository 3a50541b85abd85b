// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using VfioSharp.Devices;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Host.Platforms.Pseries;
using VfioSharp.Linux;
using VfioSharp.Supervisor;

namespace VfioSharp.Benchmarks;

/// <summary>
/// An unmodified C program below <c>vfio run</c>: what its calls cost, beside the same calls without a supervisor and
/// beside the bare notification: a loop that receives and answers, and does nothing else.
/// </summary>
internal static class ProgramRun
{
    private const int Repeats = 5;

    public static int Run(TextWriter output)
    {
        string client = Path.Combine(Path.GetTempPath(), "vfio-bench-client");
        using (Process gcc = Process.Start("gcc", ["-O2", "-static", "-o", client, Path.Combine(AppContext.BaseDirectory, "client.c")]))
        {
            gcc.WaitForExit();
            if (gcc.ExitCode != 0) return 1;
        }

        Dictionary<string, List<(long P50, long P99)>> measured = [];
        for (int i = 0; i < Repeats; i++)
        {
            // Turn by turn, so that a busy machine is busy for both.
            Collect(measured, Floor(client));
            Collect(measured, TrapFloor(client));
            Collect(measured, Supervised(client));
            Collect(measured, Unmaps(client));
        }

        output.WriteLine($"{"call",-14}{"p50 ns",10}{"p99 ns",10}   (median of {Repeats} runs)");
        foreach ((string name, List<(long P50, long P99)> runs) in measured)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-14}{Median(runs.Select(run => run.P50)),10}{Median(runs.Select(run => run.P99)),10}"));
        double ratio = (double)Median(measured["api-version"].Select(run => run.P50)) / Median(measured["floor"].Select(run => run.P50));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"intercepted ioctl beside the bare notification: {ratio:0.00}x"));
        double trap = (double)Median(measured["trapped-load"].Select(run => run.P50)) / Median(measured["trap-floor"].Select(run => run.P50));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"trapped load beside a bare stop and step: {trap:0.00}x"));
        return 0;
    }

    private static long Median(IEnumerable<long> values)
    {
        long[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string Supervised(string client)
    {
        X86Platform platform = new(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "machines", "x86.json")), DeviceCatalog.Default);
        using SoftwareHost host = new(platform);
        PciFunction edu = platform.FindAlias("edu0")!;
        return WithOutput(file => ProgramSupervisor.Run(host, [client], new RunOptions
        {
            Output = file,
            Environment = new Dictionary<string, string>
            {
                ["VFIO_GROUP"] = $"/dev/vfio/{platform.GroupOf(edu).Id}",
                ["VFIO_DEVICE"] = edu.Address.ToString(),
            },
        }));
    }

    private static string Floor(string client) => WithOutput(file =>
    {
        BpfLabel allow = new();
        BpfInstruction[] filter = new BpfProgram()
            .Load(BpfProgram.NumberOffset).IfEqual(16, null, allow)
            .Load(BpfProgram.LowWordOf(1)).IfEqual(0x3b64, null, allow)
            .Return(BpfProgram.Notify)
            .Mark(allow).Return(BpfProgram.Allow)
            .Assemble();
        SyscallResult started = ChildProgram.StartFiltered(new ChildProgramStart([client, "floor"], Output: file), filter, AnswerAtOnce, out _);
        _ = ProcessDescriptor.Open((int)started.Value, out ProcessDescriptor? process);
        using (process) process!.WaitForExit();
    });

    // A tracer that steps over each faulting instruction, and does nothing else.
    private static string TrapFloor(string client) => WithOutput(file =>
    {
        _ = Descriptors.CreatePipe(out SafeDescriptor? reader, out SafeDescriptor? writer);
        SyscallResult started = ChildProgram.Start(new ChildProgramStart([client, "trap-floor"], Input: reader, Output: file));
        var tracer = new Thread(() =>
        {
            const ulong InstructionBytes = 2;
            const int SignalBus = 7;
            _ = Tracee.SeizeProcess((int)started.Value);
            _ = Descriptors.Write(writer!.Number, [1]);
            while (!Tracee.Wait(out TraceReport report).IsError)
            {
                if (report.Kind is TraceStop.Exited or TraceStop.Killed) return;
                bool isFault = report is { Kind: TraceStop.Signal, Value: SignalBus };
                if (isFault)
                {
                    _ = Tracee.Read(report.Thread, out GeneralRegisters registers);
                    registers.Rip += InstructionBytes;
                    _ = Tracee.Write(report.Thread, in registers);
                }

                _ = Tracee.Resume(report.Thread, isFault ? 0 : report.Value);
            }
        });
        tracer.Start();
        tracer.Join();
        reader!.Dispose();
        writer!.Dispose();
    });

    // On POWER, as QEMU's pseries does it at its start.
    private static string Unmaps(string client)
    {
        PseriesPlatform platform = new(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "machines", "pseries-4k.json")), DeviceCatalog.Default);
        using SoftwareHost host = new(platform);
        PciFunction edu = platform.FindAlias("edu0")!;
        return WithOutput(file => ProgramSupervisor.Run(host, [client, "unmaps"], new RunOptions
        {
            Output = file,
            Environment = new Dictionary<string, string> { ["VFIO_GROUP"] = $"/dev/vfio/{platform.GroupOf(edu).Id}" },
        }));
    }

    private static void AnswerAtOnce(SeccompListener listener) => new Thread(() =>
    {
        while (true)
        {
            SyscallResult received = listener.Receive(out SeccompNotification notification);
            if (!received.IsError) listener.Answer(notification.Id, 0, Errno.None);
            else if (!Polling.WaitForHangUp(listener.Number, 0).IsError) return;
        }
    })
    { IsBackground = true }.Start();

    /// <summary>What a program prints that is run with a file as its output.</summary>
    internal static string WithOutput(Action<SafeFileHandle> run)
    {
        string path = Path.GetTempFileName();
        try
        {
            using (SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.Write)) run(file);
            return File.ReadAllText(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Collect(Dictionary<string, List<(long, long)>> into, string lines)
    {
        foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ');
            if (!into.TryGetValue(words[0], out List<(long, long)>? runs)) into.Add(words[0], runs = []);
            runs.Add((long.Parse(words[1], CultureInfo.InvariantCulture), long.Parse(words[2], CultureInfo.InvariantCulture)));
        }
    }
}
