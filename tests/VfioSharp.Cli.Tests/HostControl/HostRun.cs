// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Text.Json;
using VfioSharp.Cli.HostControl;

namespace VfioSharp.Cli.Tests.HostControl;

/// <summary>A user with a folder of hosts, who runs the tool in processes of its own.</summary>
internal sealed class HostRun : IDisposable
{
    public const string Edu = "0000:03:00.0";
    public const string Net = "0000:05:00.0";

    private static readonly Lazy<string> s_holder = new(() =>
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "HostControl");
        string program = Path.Combine(folder, "holder");
        using Process gcc = Process.Start("gcc", ["-O1", "-static", "-pthread", "-w", "-I", folder, "-o", program, program + ".c"]);
        gcc.WaitForExit();
        Assert.Equal(0, gcc.ExitCode);
        return program;
    });

    private readonly List<Process> _started = [];

    /// <summary>The program of holder.c.</summary>
    public static string Holder => s_holder.Value;

    /// <summary>Where the hosts are.</summary>
    public string Folder { get; init; } = Directory.CreateTempSubdirectory("vfio-host-").FullName;

    private static string Tool => Path.Combine(AppContext.BaseDirectory, "vfio");

    /// <summary>The device that holders hold.</summary>
    public string Device { get; init; } = Edu;

    /// <summary>Who runs the tool, by number; null: this process's user.</summary>
    public int? User { get; init; }

    /// <summary>Runs the tool to its end.</summary>
    public (int Code, string Output, string Error) Vfio(params string[] arguments)
    {
        using Process vfio = Process.Start(Describe(arguments))!;
        Task<string> error = vfio.StandardError.ReadToEndAsync();
        string output = vfio.StandardOutput.ReadToEnd();
        vfio.WaitForExit();
        return (vfio.ExitCode, output, error.Result);
    }

    /// <summary>Starts the tool; it is killed at the end of the test.</summary>
    public Process Begin(params string[] arguments)
    {
        Process vfio = Process.Start(Describe(arguments))!;
        _started.Add(vfio);
        return vfio;
    }

    /// <summary>Starts a host in the foreground, and waits until it listens.</summary>
    public Process StartHost(string name = "default", string machine = "x86")
    {
        Process host = Begin("host", "start", "--name", name, "--machine", machine);
        string? line = host.StandardOutput.ReadLine();
        Assert.True(line is not null, line is null ? host.StandardError.ReadToEnd() : "");
        return host;
    }

    /// <summary>Starts the holder, and waits until it holds the device.</summary>
    public Process StartHolder(string way, string name = "default")
    {
        Process holder = Begin("run", "--host", name, "--", Holder, way);
        Assert.Equal("held 0", holder.StandardOutput.ReadLine());
        return holder;
    }

    /// <summary>Who uses a host.</summary>
    public HostStatus Status(string name = "default")
    {
        (int code, string output, string error) = Vfio("host", "status", "--json", "--name", name);
        Assert.True(code == 0, error);
        return JsonSerializer.Deserialize(output, HostListingJson.Default.HostStatus)!;
    }

    /// <summary>Who uses edu.</summary>
    public UsedDevice? EduOf(string name = "default") => Status(name).Groups.SelectMany(group => group.Devices).FirstOrDefault(device => device.Address == Edu);

    public void Dispose()
    {
        foreach (Process process in _started)
        {
            if (!process.HasExited) process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    private ProcessStartInfo Describe(string[] arguments) => new(User is null ? Tool : "setpriv", User is { } user ? [$"--reuid={user}", $"--regid={user}", "--clear-groups", Tool, .. arguments] : arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["XDG_RUNTIME_DIR"] = Folder, ["VFIO_DEVICE"] = Device, ["VFIO_GROUP"] = Device == Net ? "/dev/vfio/17" : "/dev/vfio/15" },
    };
}
