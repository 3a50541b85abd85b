// SPDX-License-Identifier: MIT
using System.Diagnostics;

namespace VfioSharp.Supervisor.Tests;

/// <summary>C programs of the tests, compiled once, static, by gcc. Tests that run them do so one after the other.</summary>
internal static class TestPrograms
{
    private static readonly Lazy<string> s_folder = new(() =>
    {
        string folder = Directory.CreateTempSubdirectory("vfiosharp-programs-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    });

    private static readonly Lazy<string?> s_missing = new(FindMissing);

    private static readonly Lazy<string> s_runner = new(() => Compile("vfio-script", File.ReadAllText(RunnerSource)));

    private static readonly Lazy<string> s_lives = new(() => Compile("lives", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "lives.c"))));

    private static readonly Lazy<string> s_hostile = new(() => Compile("hostile", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hostile.c"))));

    private static readonly Lazy<string> s_traps = new(() => Compile("traps", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "traps.c"))));

    private static readonly Lazy<string> s_memory = new(() => Compile("memory", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "memory.c"))));

    /// <summary>Why no program can be run below the supervisor here, or null.</summary>
    public static string? Missing => s_missing.Value;

    /// <summary>Root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The scenario runner that recorded the real kernel's answers, unchanged.</summary>
    public static string Runner => s_runner.Value;

    /// <summary>The program of lives.c.</summary>
    public static string Lives => s_lives.Value;

    /// <summary>The program of traps.c.</summary>
    public static string Traps => s_traps.Value;

    /// <summary>The program of memory.c.</summary>
    public static string Memory => s_memory.Value;

    /// <summary>The program of hostile.c.</summary>
    public static string Hostile => s_hostile.Value;

    private static string RunnerSource => Path.Combine(Root, "tests/conformance/runner/vfio-script.c");

    /// <summary>Compiles a program.</summary>
    public static string Compile(string name, string source)
    {
        string file = Path.Combine(s_folder.Value, name);
        File.WriteAllText(file + ".c", source);
        using Process gcc = Process.Start(new ProcessStartInfo("gcc", ["-O1", "-static", "-pthread", "-w", "-I", AppContext.BaseDirectory, "-o", file, file + ".c"]) { RedirectStandardError = true })!;
        string errors = gcc.StandardError.ReadToEnd();
        gcc.WaitForExit();
        Assert.True(gcc.ExitCode == 0, errors);
        return file;
    }

    /// <summary>
    /// Skips the test, with the reason, where programs cannot be run. Compiles all programs: a compiler that starts
    /// while another test's program opens a file could hold on to it for a moment (LaunchGate).
    /// </summary>
    public static void Require()
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        _ = Runner;
        _ = Lives;
        _ = Traps;
        _ = Hostile;
        _ = Memory;
    }

    private static string? FindMissing()
    {
        try
        {
            using Process gcc = Process.Start(new ProcessStartInfo("gcc", ["--version"]) { RedirectStandardOutput = true })!;
            gcc.StandardOutput.ReadToEnd();
            gcc.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "gcc is missing: install it (apt-get install gcc libc6-dev)";
        }

        using VfioSharp.Host.SoftwareHost host = TestMachine.Start();
        try
        {
            ProgramSupervisor.Run(host, ["true"], new RunOptions());
            return null;
        }
        catch (SupervisorException refused)
        {
            return refused.Message;
        }
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "VfioSharp.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has VfioSharp.slnx.");
    }
}
