// SPDX-License-Identifier: MIT
using System.ComponentModel;
using System.Diagnostics;
using VfioSharp.Cli.Tests.Conformance;

namespace VfioSharp.Cli.Tests.Scripts;

/// <summary>The C program that made the recorded answers, compiled once.</summary>
internal static class RecordedRunner
{
    private static readonly Lazy<(string? Program, string? WhyNot)> Compiled = new(Compile);

    /// <summary>Why there is no runner, or null.</summary>
    public static string? WhyNot => Compiled.Value.WhyNot;

    /// <summary>The program.</summary>
    public static string Program => Compiled.Value.Program!;

    /// <summary>Runs a script and returns what it prints.</summary>
    public static string Run(string script)
    {
        using Process process = Process.Start(new ProcessStartInfo(Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        process.StandardInput.Write(script);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private static (string? Program, string? WhyNot) Compile()
    {
        if (!OperatingSystem.IsLinux()) return (null, "the C runner needs Linux");
        string program = Path.Combine(Directory.CreateTempSubdirectory("vfio-runner-").FullName, "vfio-script");
        string source = Path.Combine(RecordedAnswers.Folder, "runner", "vfio-script.c");
        try
        {
            using Process gcc = Process.Start(new ProcessStartInfo("gcc", ["-O1", "-static", "-w", "-o", program, source]) { RedirectStandardError = true })!;
            string errors = gcc.StandardError.ReadToEnd();
            gcc.WaitForExit();
            return gcc.ExitCode == 0 ? (program, null) : (null, "gcc cannot compile the C runner: " + errors);
        }
        catch (Win32Exception)
        {
            return (null, "gcc is not installed");
        }
    }
}
