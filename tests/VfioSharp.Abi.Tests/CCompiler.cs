// SPDX-License-Identifier: MIT
using System.Diagnostics;

namespace VfioSharp.Abi.Tests;

/// <summary>
/// gcc with the kernel headers to check against: those installed (package linux-libc-dev), or those of the
/// include folder that VFIOSHARP_HEADERS names.
/// </summary>
internal static class CCompiler
{
    private static readonly string? s_includeFolder = Environment.GetEnvironmentVariable("VFIOSHARP_HEADERS");

    /// <summary>The headers checked, those that are there.</summary>
    public const string Includes = """
        #include <linux/version.h>
        #include <linux/types.h>
        #include <linux/vfio.h>
        #include <linux/vfio_ccw.h>
        #include <linux/vfio_zdev.h>
        #include <linux/pci_regs.h>
        #if __has_include(<linux/iommufd.h>)
        #include <linux/iommufd.h>
        #endif

        """;

    /// <summary>Why nothing can be checked against headers here; null when it can.</summary>
    public static string? WhyNot { get; } = Probe();

    /// <summary>Preprocesses with the definitions kept.</summary>
    public static string Preprocess()
    {
        var (code, output, error) = Run(Includes, "gcc", ["-E", "-dD", .. IncludeOptions(), "-x", "c", "-"]);
        Assert.True(code == 0, error);
        return output;
    }

    /// <summary>Compiles; the answer is empty, or what gcc said.</summary>
    public static string Check(string source)
    {
        var (code, _, error) = Run(Includes + source, "gcc", ["-fsyntax-only", .. IncludeOptions(), "-x", "c", "-"]);
        return code == 0 ? "" : error;
    }

    /// <summary>Compiles and runs, and gives what the program printed.</summary>
    public static string Execute(string source)
    {
        var program = Path.Combine(Path.GetTempPath(), $"vfiosharp-abi-{Environment.ProcessId}");
        try
        {
            var (code, _, error) = Run("#include <stdio.h>\n" + Includes + source, "gcc", [.. IncludeOptions(), "-o", program, "-x", "c", "-"]);
            Assert.True(code == 0, error);
            return Run("", program, []).Output;
        }
        finally
        {
            File.Delete(program);
        }
    }

    private static string? Probe()
    {
        try
        {
            return Run(Includes, "gcc", ["-fsyntax-only", .. IncludeOptions(), "-x", "c", "-"]).Code == 0
                ? null
                : "The kernel headers are missing (package linux-libc-dev); layouts were checked against the recorded values only.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "gcc is missing; layouts were checked against the recorded values only.";
        }
    }

    private static string[] IncludeOptions() => s_includeFolder is null
        ? []
        : ["-isystem", s_includeFolder, "-isystem", Path.Combine(s_includeFolder, "x86_64-linux-gnu")];

    private static (int Code, string Output, string Error) Run(string input, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return (process.ExitCode, output.Result, error.Result);
    }
}
