// SPDX-License-Identifier: MIT
using System.Diagnostics;

namespace VfioSharp.EndToEnd.Tests;

/// <summary>A user without any right, who has copies of the tool and of guests.</summary>
internal sealed class OrdinaryUser : IDisposable
{
    private const string Nobody = "65534";

    // What many systems give, and no guest has enough with.
    private const string LockedMemory = "--memlock=8388608:8388608";
    private readonly string _folder = Directory.CreateTempSubdirectory("vfiosharp-user-").FullName;
    private readonly string[] _options;

    /// <param name="options">Options of vfio run.</param>
    public OrdinaryUser(params string[] options)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "this test becomes another user, which root may; the others are this user's already");
        _options = options;

        // The build may lie where only its owner reads.
        Copy(AppContext.BaseDirectory, "tool");
        Copy(Path.Combine(GuestImage.Root, "machines"), "machines");
        Execute("chmod", "-R", "a+rX", _folder);
    }

    /// <summary>A guest that the user can read.</summary>
    public GuestImage CopyOf(GuestImage image)
    {
        Copy(image.Folder, image.Name);
        Execute("chmod", "-R", "a+rX", _folder);
        return image with { Above = _folder };
    }

    /// <summary>Runs a program below vfio run; its exit code.</summary>
    public int Run(string machine, IReadOnlyList<string> command, string outputFile, CancellationToken cancellation)
    {
        // The shell, with all arguments after the file's name, so that one file has what both streams say.
        string[] user = ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"];
        string[] vfio = [Path.Combine(_folder, "tool", "vfio"), "run", "--explain", .. _options, "--machine", Path.Combine(_folder, "machines", machine + ".json")];
        using Process process = Process.Start(new ProcessStartInfo(
            "sh",
            ["-c", "f=$1; shift; exec \"$@\" > $f 2>&1", "sh", outputFile, "prlimit", LockedMemory, .. user, "env", "HOME=/tmp", .. vfio, "--", .. command])
        { WorkingDirectory = "/" })!;
        using CancellationTokenRegistration cancel = cancellation.Register(process.Kill);
        process.WaitForExit();
        return process.ExitCode;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Copy(string from, string name) => Execute("cp", "-r", from.TrimEnd('/'), Path.Combine(_folder, name));

    private static void Execute(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
