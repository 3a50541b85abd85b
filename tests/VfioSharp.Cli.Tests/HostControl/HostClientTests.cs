// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using VfioSharp.Cli.Tests.Conformance;
using VfioSharp.Cli.Tests.Scripts;
using VfioSharp.Linux;

namespace VfioSharp.Cli.Tests.HostControl;

/// <summary>Whom a host serves, how many, and what it tells a run about itself.</summary>
[Collection(nameof(ThroughRunTests))]
public sealed class HostClientTests : IDisposable
{
    private const int Nobody = 65534;
    private readonly HostRun _run = new();

    public HostClientTests()
    {
        Assert.SkipWhen(RecordedRunner.WhyNot is not null, RecordedRunner.WhyNot ?? "");
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "vfio run needs an x86-64 processor");
    }

    [Fact]
    public void A_trace_is_written_where_the_client_says_and_statistics_to_its_error()
    {
        string trace = Path.Combine(_run.Folder, "trace.jsonl");
        _run.StartHost();
        _run.StartHolder("hold");
        (int code, string output, string error) = _run.Vfio("run", "--host", "default", "--trace", trace, "--stats", "--", HostRun.Holder, "hold");
        Assert.Equal((1, "held EBUSY\n"), (code, output));
        Assert.Contains("vfio:   open                                 3        2 ", error, StringComparison.Ordinal);
        string[] lines = File.ReadAllLines(trace);
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.StartsWith("{", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Interrupts_are_told_to_the_run_whose_device_it_is()
    {
        _run.StartHost();
        string mine = Path.Combine(_run.Folder, "mine"), other = Path.Combine(_run.Folder, "other");
        using HostRun second = new() { Device = HostRun.Net, Folder = _run.Folder };
        Process bystander = second.Begin("run", "--host", "default", "--trace", other, "--", HostRun.Holder, "irq");
        Assert.Equal("held 0", bystander.StandardOutput.ReadLine());
        Process holder = _run.Begin("run", "--host", "default", "--trace", mine, "--", HostRun.Holder, "irq");
        Assert.Equal("held 0", holder.StandardOutput.ReadLine());
        Assert.Equal(0, _run.Vfio("host", "inject", "irq", "edu0").Code);
        holder.WaitForExit();
        bystander.Kill();
        bystander.WaitForExit();
        Assert.Contains($"device {HostRun.Edu} interrupt INTX 0", File.ReadAllText(mine), StringComparison.Ordinal);
        Assert.DoesNotContain("interrupt INTX", File.ReadAllText(other), StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_that_cannot_be_written_is_said_before_anything_runs()
    {
        _run.StartHost();
        (int code, string output, string error) = _run.Vfio("run", "--host", "default", "--trace", "/nowhere/trace", "--", HostRun.Holder, "hold");
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("vfio: the trace cannot be written: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_connections_that_ask_nothing_keep_nobody_out()
    {
        _run.StartHost();
        List<Socket> idle = [];
        try
        {
            for (int i = 0; i < 1000; i++)
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                idle.Add(socket);
                socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(_run.Folder, "vfiosharp", "default.sock")));
            }

            _run.StartHolder("hold");
            Assert.Single(_run.Status().Programs);
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public void An_ordinary_user_has_a_host_and_others_are_turned_away_with_one_line()
    {
        Assert.SkipUnless(ProcessCredentials.User == 0, "only root can be two users");
        using HostRun ordinary = new() { User = Nobody };
        using (Process chown = Process.Start("chown", [$"{Nobody}", ordinary.Folder])) chown.WaitForExit();
        Process host = ordinary.Begin("host", "start");
        string? line = host.StandardOutput.ReadLine();
        Assert.SkipWhen(line is null, "an ordinary user cannot run the tool here: " + (line is null ? host.StandardError.ReadToEnd() : ""));
        ordinary.StartHolder("hold");
        Assert.Single(ordinary.Status().Programs);

        using HostRun stranger = new() { Folder = ordinary.Folder };
        (int code, _, string error) = stranger.Vfio("run", "--host", "default", "--", "true");
        Assert.Equal(3, code);
        Assert.StartsWith($"vfio: the folder {ordinary.Folder}/vfiosharp is not this user's alone\n", error, StringComparison.Ordinal);
        Assert.Single(ordinary.Status().Programs);
    }

    public void Dispose() => _run.Dispose();
}
