// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.HostControl;
using VfioSharp.Cli.Tests.Conformance;
using VfioSharp.Cli.Tests.Scripts;

namespace VfioSharp.Cli.Tests.HostControl;

/// <summary>Several programs on one host, what happens to its hardware meanwhile, and sudden ends of each party.</summary>
[Collection(nameof(ThroughRunTests))]
public sealed class HostTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly HostRun _run = new();

    public HostTests()
    {
        Assert.SkipWhen(RecordedRunner.WhyNot is not null, RecordedRunner.WhyNot ?? "");
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "vfio run needs an x86-64 processor");
    }

    [Fact]
    public void A_device_that_one_program_holds_is_busy_for_another()
    {
        _run.StartHost();
        _run.StartHolder("hold");
        (int code, string output, string error) = _run.Vfio("run", "--host", "default", "--explain", "--", HostRun.Holder, "hold");
        Assert.Equal((1, "held EBUSY\n"), (code, output));
        Assert.Contains("= EBUSY: group 15 is open already, by holder[", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Status_lists_programs_users_groups_and_locked_memory()
    {
        _run.StartHost();
        Process holder = _run.StartHolder("hold");
        HostStatus status = _run.Status();
        ListedProgram program = Assert.Single(status.Programs);
        ListedUser user = Assert.Single(program.Users);
        Assert.Equal((holder.Id, program.Process, 0x2000UL), (program.Client, user.Process, user.LockedBytes));
        UsedGroup group = Assert.Single(status.Groups, group => group.OpenedBy is not null);
        Assert.Equal(user.Name, group.OpenedBy);
        Assert.Equal(new UsedDevice(HostRun.Edu, "edu0", "vfio-pci", 1, false), Assert.Single(group.Devices));
    }

    [Fact]
    public void A_device_that_is_detached_is_asked_for_and_leaves_when_its_user_closes_it()
    {
        _run.StartHost();
        Process holder = _run.StartHolder("req");
        (int code, _, string error) = _run.Vfio("host", "detach", "edu0");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal("heard 1", holder.StandardOutput.ReadLine());
        HostStatus status = _run.Status();
        Assert.Equal(HostRun.Edu, Assert.Single(status.Detached));
        Assert.DoesNotContain(status.Groups, group => group.Id == 15);
        Assert.Equal(0, _run.Vfio("host", "attach", "edu0").Code);
        Assert.Equal("vfio-pci", _run.EduOf()!.Driver);
        _run.StartHolder("hold");
    }

    [Fact]
    public void A_client_that_is_stopped_stops_its_program_and_goes_on_with_it()
    {
        _run.StartHost();
        Process client = _run.StartHolder("hold");
        int program = Assert.Single(_run.Status().Programs).Process;

        Kill("-TSTP", client.Id);
        Assert.True(SpinWait.SpinUntil(() => StateOf(client.Id) == 'T' && StateOf(program) == 'T', s_patience), $"{StateOf(client.Id)} {StateOf(program)}");
        Kill("-CONT", client.Id);
        Assert.True(SpinWait.SpinUntil(() => StateOf(client.Id) != 'T' && StateOf(program) != 'T', s_patience), $"{StateOf(client.Id)} {StateOf(program)}");
        Assert.Equal(1, _run.EduOf()!.OpenFiles);
    }

    [Fact]
    public void A_detach_waits_for_a_user_that_does_not_listen()
    {
        _run.StartHost();
        Process holder = _run.StartHolder("hold");
        Process detach = _run.Begin("host", "detach", "edu0");
        Assert.True(SpinWait.SpinUntil(() => _run.EduOf() is { IsWantedBack: true }, s_patience));
        Assert.False(detach.HasExited);
        holder.Kill();
        Assert.True(detach.WaitForExit(s_patience));
        Assert.Equal(0, detach.ExitCode);
    }

    [Fact]
    public void An_injected_interrupt_reaches_the_program()
    {
        _run.StartHost();
        Process holder = _run.StartHolder("irq");
        Assert.Equal(0, _run.Vfio("host", "inject", "irq", "edu0").Code);
        Assert.Equal("heard 1", holder.StandardOutput.ReadLine());
    }

    [Fact]
    public void A_device_nobody_has_open_cannot_interrupt()
    {
        _run.StartHost();
        (int code, _, string error) = _run.Vfio("host", "inject", "irq", "edu0");
        Assert.Equal(ExitCodes.Failure, code);
        Assert.StartsWith("vfio: ENODEV: interrupt 0 (INTx) of 0000:03:00.0: nobody has the device open\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_injected_fault_is_counted()
    {
        _run.StartHost();
        Assert.Equal(0, _run.Vfio("host", "inject", "fault", "edu0").Code);
        Assert.Equal(1, _run.Status().Faults);
    }

    [Fact]
    public void A_program_gets_the_clients_folder_umask_limits_environment_and_its_exit_code_comes_back()
    {
        _run.StartHost();
        string tool = Path.Combine(AppContext.BaseDirectory, "vfio");
        ProcessStartInfo start = new(
            "sh", ["-c", "umask 027; ulimit -n 700; exec \"$0\" run --host default -- sh -c 'pwd; umask; ulimit -n; echo $ONLY_THERE; cat; exit 5'", tool])
        {
            WorkingDirectory = "/proc",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["XDG_RUNTIME_DIR"] = _run.Folder, ["ONLY_THERE"] = "yes" },
        };
        using Process vfio = Process.Start(start)!;
        vfio.StandardInput.Write("input");
        vfio.StandardInput.Close();
        Assert.Equal("/proc\n0027\n700\nyes\ninput", vfio.StandardOutput.ReadToEnd());
        vfio.WaitForExit();
        Assert.Equal(5, vfio.ExitCode);
    }

    [Fact]
    public void A_signal_to_the_client_reaches_the_program()
    {
        _run.StartHost();
        Process vfio = _run.Begin("run", "--host", "default", "--", "sh", "-c", "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done");
        Assert.Equal("ready", vfio.StandardOutput.ReadLine());
        using (Process kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -INT {vfio.Id}")])) kill.WaitForExit();
        Assert.Equal("caught", vfio.StandardOutput.ReadLine());
        Assert.True(vfio.WaitForExit(s_patience));
        Assert.Equal(9, vfio.ExitCode);
    }

    [Fact]
    public void A_client_that_is_killed_takes_its_program_along_and_the_host_goes_on()
    {
        _run.StartHost();
        Process holder = _run.StartHolder("hold");
        holder.Kill();
        Assert.True(SpinWait.SpinUntil(() => _run.Status() is { Programs.Count: 0 } status && status.Groups.All(group => group.OpenedBy is null), s_patience));
        _run.StartHolder("hold");
    }

    [Fact]
    public void A_program_that_is_killed_leaves_its_device_to_the_next()
    {
        _run.StartHost();
        Process client = _run.StartHolder("hold");
        using (Process program = Process.GetProcessById(_run.Status().Programs[0].Process)) program.Kill();
        Assert.True(client.WaitForExit(s_patience));
        Assert.Equal(137, client.ExitCode);
        _run.StartHolder("hold");
    }

    [Fact]
    public void A_host_that_is_killed_takes_its_programs_along_with_a_message_and_its_name_is_free()
    {
        Process host = _run.StartHost();
        Process client = _run.StartHolder("hold");
        int program = _run.Status().Programs[0].Process;
        host.Kill();
        Assert.True(client.WaitForExit(s_patience));
        Assert.Equal(137, client.ExitCode);
        string error = client.StandardError.ReadToEnd();
        Assert.Contains("vfio: host default ended, and the program with it\n", error, StringComparison.Ordinal);
        Assert.Contains("vfio run: the supervisor died;", error, StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{program}/fd") || Directory.GetFiles($"/proc/{program}/fd").Length == 0, s_patience));
        _run.StartHost();
        _run.StartHolder("hold");
    }

    [Fact]
    public void Two_hosts_have_devices_of_their_own()
    {
        _run.StartHost("one");
        _run.StartHost("two");
        _run.StartHolder("hold", "one");
        _run.StartHolder("hold", "two");
        Assert.Equal(1, _run.EduOf("one")!.OpenFiles);
    }

    [Fact]
    public void A_name_that_is_taken_is_refused()
    {
        _run.StartHost();
        (int code, _, string error) = _run.Vfio("host", "start");
        Assert.Equal((ExitCodes.Failure, "vfio: host default runs already"), (code, error.Split('\n')[0]));
    }

    [Fact]
    public void A_host_in_the_background_can_be_used_at_once_and_is_gone_when_stop_returns()
    {
        Assert.Equal(0, _run.Vfio("host", "start", "--detach").Code);
        Process client = _run.StartHolder("hold");
        Assert.Equal(0, _run.Vfio("host", "stop").Code);
        Assert.True(client.WaitForExit(s_patience));
        Assert.Equal(ExitCodes.Failure, _run.Vfio("host", "status").Code);
        Assert.Equal(0, _run.Vfio("host", "start", "--detach").Code);
        Assert.Equal(0, _run.Vfio("host", "stop").Code);
    }

    [Theory]
    [InlineData("powernv", ExitCodes.Success, "")]
    [InlineData("x86", ExitCodes.Failure, "belongs to no partitionable endpoint")]
    public void Errors_freeze_endpoints_of_power_only(string machine, int expected, string said)
    {
        _run.StartHost(machine: machine);
        string device = _run.Status().Groups.SelectMany(group => group.Devices).First(device => device.Driver == "vfio-pci").Address;
        (int code, _, string error) = _run.Vfio("host", "freeze", device);
        Assert.Equal(expected, code);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ff ff ff 7f")]
    [InlineData("00 00 00 00")]
    [InlineData("02 00 00 00 7b 7d")]
    [InlineData("04 00 00 00 6e 75 6c 6c")]
    [InlineData("05 00 00 00 7b")]
    public void A_client_that_sends_nonsense_harms_nobody(string frame)
    {
        _run.StartHost();
        using (Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(_run.Folder, "vfiosharp", "default.sock")));
            socket.Send([.. frame.Split(' ').Select(part => Convert.ToByte(part, 16))]);
        }

        _run.StartHolder("hold");
    }

    public void Dispose() => _run.Dispose();

    private static void Kill(string signal, int process)
    {
        using Process kill = Process.Start("kill", [signal, process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    // After the name, which is in parentheses.
    private static char StateOf(int process)
    {
        string status = File.ReadAllText($"/proc/{process}/stat");
        return status[status.LastIndexOf(')') + 2];
    }
}
