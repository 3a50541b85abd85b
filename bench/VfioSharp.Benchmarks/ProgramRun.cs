// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using VfioSharp.Devices;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
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
            Collect(measured, Supervised(client));
        }

        output.WriteLine($"{"call",-14}{"p50 ns",10}{"p99 ns",10}   (median of {Repeats} runs)");
        foreach ((string name, List<(long P50, long P99)> runs) in measured)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-14}{Median(runs.Select(run => run.P50)),10}{Median(runs.Select(run => run.P99)),10}"));
        double ratio = (double)Median(measured["api-version"].Select(run => run.P50)) / Median(measured["floor"].Select(run => run.P50));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"intercepted ioctl beside the bare notification: {ratio:0.00}x"));
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

    private static string WithOutput(Action<SafeFileHandle> run)
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
