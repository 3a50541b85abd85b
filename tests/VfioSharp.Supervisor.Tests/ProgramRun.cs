// SPDX-License-Identifier: MIT
using Microsoft.Win32.SafeHandles;
using VfioSharp.Host;

namespace VfioSharp.Supervisor.Tests;

/// <summary>A program's run below the supervisor, with what it printed.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
internal sealed record ProgramRun(int ExitCode, string Output)
{
    /// <summary>Runs a program to its end.</summary>
    public static ProgramRun Of(SoftwareHost host, IReadOnlyList<string> command, string input = "", RunOptions? options = null, string device = "edu0")
    {
        string stem = Path.Combine(Path.GetTempPath(), "vfiosharp-" + Guid.NewGuid().ToString("n"));
        File.WriteAllText(stem + ".in", input);
        try
        {
            using SafeFileHandle reading = File.OpenHandle(stem + ".in");
            using SafeFileHandle writing = File.OpenHandle(stem + ".out", FileMode.Create, FileAccess.Write);
            options ??= new RunOptions();
            int code = ProgramSupervisor.Run(host, command, options with
            {
                Input = reading,
                Output = options.Output ?? writing,
                Environment = new Dictionary<string, string>
                {
                    ["VFIO_MACHINE"] = TestMachine.AliasFile,
                    ["VFIO_GROUP"] = TestMachine.GroupNodeOf(device),
                    ["VFIO_DEVICE"] = TestMachine.AddressOf(device),
                },
            });
            return new ProgramRun(code, File.ReadAllText(stem + ".out"));
        }
        finally
        {
            File.Delete(stem + ".in");
            File.Delete(stem + ".out");
        }
    }

    /// <summary>Lives one of the lives of lives.c, with a device of the machine.</summary>
    public static ProgramRun Life(SoftwareHost host, string way, string device = "edu0", RunOptions? options = null) =>
        Of(host, [TestPrograms.Lives, .. way.Split(' ')], options: options, device: device);

    /// <summary>Runs a scenario through the C runner.</summary>
    public static ProgramRun Script(SoftwareHost host, string script, RunOptions? options = null) =>
        Of(host, [TestPrograms.Runner], script, options);
}
