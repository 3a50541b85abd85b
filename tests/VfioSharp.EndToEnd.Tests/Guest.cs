// SPDX-License-Identifier: MIT
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
using VfioSharp.Host;
using VfioSharp.Supervisor;

namespace VfioSharp.EndToEnd.Tests;

/// <summary>A Linux guest in an unmodified QEMU below the supervisor. Commands go over its console.</summary>
internal sealed class Guest : IDisposable
{
    // No test measures time: this only ends what hangs.
    private const int WatchdogMilliseconds = 180_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("vfiosharp-guest-").FullName;
    private readonly CancellationTokenSource _end = new();
    private readonly Task<int> _run;
    private readonly Socket? _console;
    private readonly StringBuilder _text = new();
    private readonly List<string> _explained = [];
    private RunningProgram? _program;

    public Guest(GuestImage image, SoftwareHost host, params IReadOnlyList<string> arguments)
        : this(image, (guest, command) => guest.RunOn(host, command), arguments)
    {
    }

    /// <summary>As that user, below a <c>vfio run</c> of its own.</summary>
    public Guest(GuestImage image, OrdinaryUser user, string machine, params IReadOnlyList<string> arguments)
        : this(user.CopyOf(image), (guest, command) => user.Run(machine, command, guest.OutputFile, guest._end.Token), arguments)
    {
    }

    private Guest(GuestImage image, Func<Guest, string[], int> run, IReadOnlyList<string> arguments)
    {
        // For whoever runs it.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder, (UnixFileMode)0x1ff);
        string[] command =
        [
            image.Emulator, "-accel", "tcg", "-display", "none", "-nic", "none", "-monitor", "none",
            "-kernel", image.Kernel, "-initrd", image.InitialRam,
            "-chardev", $"socket,id=console,path={Path.Combine(_folder, "console")},server=on,wait=on", "-serial", "chardev:console",
            "-qmp", $"unix:{Path.Combine(_folder, "monitor")},server=on,wait=off", "-D", TraceFile,
            .. image.Arguments, .. arguments,
        ];
        _run = Task.Factory.StartNew(() => run(this, command), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            _console = Connect("console");
            Monitor = new QemuMonitor(Connect("monitor"));
            AwaitBoot();
        }
        catch (IOException cause)
        {
            string what = Describe("the guest does not boot");
            Dispose();
            throw new IOException(what, cause);
        }
    }

    public QemuMonitor Monitor { get; }

    /// <summary>Memory that counts as locked for DMA.</summary>
    public ulong LockedBytes => _program!.ListUsers().Aggregate(0UL, (sum, user) => sum + user.LockedBytes);

    /// <summary>What QEMU traced.</summary>
    public string TraceFile => Path.Combine(_folder, "trace");

    private string OutputFile => Path.Combine(_folder, "output");

    /// <summary>Waits until the guest's Linux is up, and loads edu's driver.</summary>
    public void AwaitBoot()
    {
        ReadUntil("@ready");
        Run("insmod /edu.ko msi=0 bits=32");
    }

    /// <summary>Carries a line out in the guest; what it printed.</summary>
    public string Run(string line)
    {
        _console!.Send(Encoding.ASCII.GetBytes(line + "\n"));
        string printed = ReadUntil("@done ");
        string code = ReadUntil("\n").Trim();
        Assert.True(code == "0", $"{line}: exit code {code}; {printed}");
        return printed.Replace("\r", "", StringComparison.Ordinal).Trim();
    }

    /// <summary>Repeats a line until it succeeds.</summary>
    public string WaitFor(string line) => Run($"until {line}; do sleep 0.1; done");

    /// <summary>Loads edu's driver anew.</summary>
    public void LoadDriver(string parameters) => Run($"rmmod edu; insmod /edu.ko {parameters}");

    /// <summary>Reads an attribute of the n-th device that edu's driver has.</summary>
    public string Read(string attribute, string device = "*:*") => Run($"cat /sys/bus/pci/drivers/edu/{device}/{attribute}");

    /// <summary>Writes an attribute of a device that edu's driver has.</summary>
    public void Write(string attribute, string value, string device = "*:*") =>
        Run($"f=$(echo /sys/bus/pci/drivers/edu/{device}/{attribute}); echo {value} > $f");

    /// <summary>
    /// Checks how many interrupts edu raised, by its driver and by /proc/interrupts. A line's interrupts count there once
    /// more when they are raised again before the driver acknowledged: QEMU ends one at the first access to a register.
    /// </summary>
    public void AssertInterrupts(int expected, string kind)
    {
        Assert.Equal(expected.ToString(System.Globalization.CultureInfo.InvariantCulture), Read("interrupts"));
        int counted = CountInterrupts(kind);
        if (kind.Contains("MSI", StringComparison.Ordinal)) Assert.Equal(expected, counted);
        else Assert.InRange(counted, expected, int.MaxValue);
    }

    /// <summary>Plugs a device of the host in.</summary>
    public void Plug(string id, string host, string address, string bus) => Monitor.Execute(
        "device_add",
        new JsonObject { ["driver"] = "vfio-pci", ["id"] = id, ["host"] = host, ["addr"] = address, ["bus"] = bus });

    /// <summary>Asks the guest to let a device go.</summary>
    public void Unplug(string id) => Monitor.Execute("device_del", new JsonObject { ["id"] = id });

    /// <summary>Turns the guest off; QEMU's exit code.</summary>
    public int PowerOff()
    {
        _console!.Send("poweroff -f\n"u8);
        Assert.True(_run.Wait(WatchdogMilliseconds), Describe("the guest does not end"));
        return _run.Result;
    }

    public void Dispose()
    {
        _end.Cancel();
        try
        {
            _run.Wait();
        }
        finally
        {
            Monitor?.Dispose();
            _console?.Dispose();
            _end.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }

    private int RunOn(SoftwareHost host, string[] command)
    {
        using SafeFileHandle output = File.OpenHandle(OutputFile, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        return ProgramSupervisor.Run(host, command, new RunOptions
        {
            Output = output,
            Error = output,
            Explain = Note,
            Report = Note,
            Cancellation = _end.Token,
            Started = program => _program = program,
        });
    }

    private int CountInterrupts(string kind) => int.Parse(
        Run($"grep '{kind}.* edu$' /proc/interrupts | tr -s ' ' | sed 's/^ //' | cut -d' ' -f2"),
        System.Globalization.CultureInfo.InvariantCulture);

    private Socket Connect(string name)
    {
        UnixDomainSocketEndPoint end = new(Path.Combine(_folder, name));
        for (int left = WatchdogMilliseconds; left > 0; left -= 50)
        {
            if (_run.IsCompleted) throw new IOException(Describe("QEMU ended"));
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = WatchdogMilliseconds };
            try
            {
                socket.Connect(end);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
                Thread.Sleep(50);
            }
        }

        throw new IOException(Describe("QEMU does not listen"));
    }

    private string ReadUntil(string mark)
    {
        byte[] bytes = new byte[4096];
        while (true)
        {
            string text = _text.ToString();
            int at = text.IndexOf(mark, StringComparison.Ordinal);
            if (at >= 0)
            {
                _text.Remove(0, at + mark.Length);
                return text[..at];
            }

            int read;
            try
            {
                read = _console!.Receive(bytes);
            }
            catch (SocketException)
            {
                throw new IOException(Describe($"the guest does not say '{mark}'"));
            }

            if (read == 0) throw new IOException(Describe($"the console closed before '{mark}'"));
            _text.Append(Encoding.UTF8.GetString(bytes, 0, read));
        }
    }

    private void Note(string line)
    {
        lock (_explained) _explained.Add(line);
    }

    private string Describe(string what)
    {
        lock (_explained)
            return $"{what}. Console: {_text}\nQEMU: {(File.Exists(OutputFile) ? File.ReadAllText(OutputFile) : "")}\nExplained: {string.Join('\n', _explained)}";
    }
}
