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
    public static ProgramRun Of(SoftwareHost host, IReadOnlyList<string> command, string input = "", RunOptions? options = null)
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
                Environment = new Dictionary<string, string> { ["VFIO_MACHINE"] = TestMachine.AliasFile },
            });
            return new ProgramRun(code, File.ReadAllText(stem + ".out"));
        }
        finally
        {
            File.Delete(stem + ".in");
            File.Delete(stem + ".out");
        }
    }

    /// <summary>Runs a scenario through the C runner.</summary>
    public static ProgramRun Script(SoftwareHost host, string script, RunOptions? options = null) =>
        Of(host, [TestPrograms.Runner], script, options);
}
