// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor;

/// <summary>
/// Ends the programs when the supervisor dies, however it dies: without it each of their VFIO calls would fail with
/// ENOSYS. A shell holds the other end of a pipe; when that closes without a farewell, it kills and says so.
/// </summary>
internal sealed class LifetimeGuard : IDisposable
{
    private const string Script =
        """
        trap '' INT QUIT TERM HUP
        p= d=
        while read -r a b; do
            case $a in
                add) p="$p $b" ;;
                folder) d=$b ;;
                remove) q=; for i in $p; do [ "$i" = "$b" ] || q="$q $i"; done; p=$q ;;
                end) exit 0 ;;
            esac
        done
        kill -9 $p 2>/dev/null
        [ -z "$d" ] || rm -rf "$d"
        echo "vfio run: the supervisor died; the programs that used it were ended. Start them again." >&2
        """;

    private readonly SafeDescriptor _pipe;
    private readonly ProcessDescriptor? _shell;

    private LifetimeGuard(SafeDescriptor pipe, ProcessDescriptor? shell)
    {
        _pipe = pipe;
        _shell = shell;
    }

    /// <summary>Starts the guard; null, and no more than that, where there is no shell.</summary>
    public static LifetimeGuard? Start(RunOptions options)
    {
        if (Descriptors.CreatePipe(out SafeDescriptor? reader, out SafeDescriptor? writer).IsError) return null;
        using (reader)
        {
            SyscallResult started = LaunchGate.Launch(() =>
                ChildProgram.Start(new ChildProgramStart(["/bin/sh", "-c", Script], Input: reader, Error: options.Error)));
            if (!started.IsError)
            {
                _ = ProcessDescriptor.Open((int)started.Value, out ProcessDescriptor? shell);
                return new LifetimeGuard(writer!, shell);
            }
        }

        options.Report?.Invoke($"/bin/sh cannot be started ({Errno.ENOENT}): should the supervisor be killed, the program goes on without VFIO");
        writer!.Dispose();
        return null;
    }

    /// <summary>A process uses the host from now on, or is gone.</summary>
    public void Note(int process, bool lives) =>
        Send(string.Create(CultureInfo.InvariantCulture, $"{(lives ? "add" : "remove")} {process}\n"));

    /// <summary>A folder is to be removed when the supervisor dies.</summary>
    public void Note(string folder) => Send($"folder {folder}\n");

    /// <summary>All is over as it should be.</summary>
    public void Dispose()
    {
        Send("end\n");
        _pipe.Dispose();
        _ = _shell?.WaitForExit();
        _shell?.Dispose();
    }

    // A guard that was killed does not matter: its pipe then refuses.
    private void Send(string line) => _ = Descriptors.Write(_pipe.Number, Encoding.UTF8.GetBytes(line));
}
