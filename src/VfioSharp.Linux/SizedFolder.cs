// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;

namespace VfioSharp.Linux;

/// <summary>
/// A folder on a tmpfs(5) of its own that has room for so many bytes and no more. Once they are taken, an access to a
/// hole of a mapped file raises SIGBUS, as one beyond a file's end does (mm/shmem.c: shmem_fault).
/// </summary>
/// <remarks>
/// Mounting needs a mount namespace in which that is allowed. A short-lived child makes one (unshare(1), mount(8)), and
/// this process keeps the folder open: the file system lives until the last descriptor and the last mapping are gone.
/// </remarks>
public sealed class SizedFolder : IDisposable
{
    private const int PatienceMilliseconds = 10_000;
    private const string Script = "mount -t tmpfs -o size=$0,huge=never,mode=0700 tmpfs /tmp && cd /tmp && echo ready && read end";

    private readonly SafeDescriptor _folder;

    private SizedFolder(SafeDescriptor folder) => _folder = folder;

    /// <summary>Where this process reaches it.</summary>
    public string Path => MemoryFile.PathOf(_folder);

    /// <summary>Makes one; null where that is forbidden, with the reason that the child gave.</summary>
    /// <param name="bytes">Its room, a multiple of the page size.</param>
    /// <param name="launch">Starts a child: <see cref="ChildProgram.Start(ChildProgramStart)"/>, at a moment that suits.</param>
    /// <param name="reason">Why there is none.</param>
    public static SizedFolder? Create(ulong bytes, Func<ChildProgramStart, SyscallResult> launch, out string reason)
    {
        ArgumentNullException.ThrowIfNull(launch);
        // A user namespace is allowed to anybody on most systems; where it is not, root may do without.
        return Create(["unshare", "--user", "--map-root-user", "--mount"], bytes, launch, out reason)
            ?? Create(["unshare", "--mount"], bytes, launch, out _);
    }

    /// <summary>Opens a file in it; with <paramref name="create"/> it is made.</summary>
    public SyscallResult Open(string name, OpenFlags flags, bool create, out SafeDescriptor? file) =>
        Descriptors.Own(SyscallResult.FromLibc(Interop.Open(PathOf(name), (int)(flags | OpenFlags.CloseOnExec) | (create ? 0x40 : 0), 0x180)), out file);

    /// <summary>Gives a file another name.</summary>
    public SyscallResult Link(string name, string other) => SyscallResult.FromLibc(Interop.Link(PathOf(name), PathOf(other)));

    /// <summary>Takes a name away.</summary>
    public SyscallResult Unlink(string name) => SyscallResult.FromLibc(Interop.Unlink(PathOf(name)));

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private string PathOf(string name) => $"{Path}/{name}";

    private static SizedFolder? Create(string[] unshare, ulong bytes, Func<ChildProgramStart, SyscallResult> launch, out string reason)
    {
        reason = "no descriptors are left";
        if (Descriptors.CreatePipe(out SafeDescriptor? input, out SafeDescriptor? end).IsError) return null;
        using (input)
        using (end)
        {
            if (Descriptors.CreatePipe(out SafeDescriptor? answer, out SafeDescriptor? output).IsError) return null;
            using (answer)
            {
                SyscallResult started;
                using (output)
                {
                    string size = bytes.ToString(CultureInfo.InvariantCulture);
                    started = launch(new ChildProgramStart([.. unshare, "sh", "-c", Script, size], Input: input, Output: output, Error: output));
                }

                if (started.IsError)
                {
                    reason = $"unshare cannot be started ({started.Errno})";
                    return null;
                }

                return Take((int)started.Value, answer!, end!, out reason);
            }
        }
    }

    // The child says that it is ready, or why not.
    private static SizedFolder? Take(int child, SafeDescriptor answer, SafeDescriptor end, out string reason)
    {
        _ = ProcessDescriptor.Open(child, out ProcessDescriptor? process);
        using (process)
        {
            byte[] text = new byte[512];
            SyscallResult read = Polling.Wait(answer.Number, PatienceMilliseconds, out _).IsError ? SyscallResult.Ok(0) : Descriptors.Read(answer.Number, text);
            reason = Encoding.UTF8.GetString(text, 0, (int)Math.Max(0, read.Value)).Trim();
            SafeDescriptor? folder = null;
            if (reason == "ready")
            {
                string place = string.Create(CultureInfo.InvariantCulture, $"/proc/{child}/cwd");
                SyscallResult opened = Descriptors.Open(place, OpenFlags.ReadOnly | OpenFlags.Folder | OpenFlags.CloseOnExec, out folder);
                reason = $"{place} cannot be opened ({opened.Errno})";
            }

            const int Kill = 9;
            _ = process?.Signal(Kill);
            _ = process?.WaitForExit();
            GC.KeepAlive(end);
            return folder is null ? null : new SizedFolder(folder);
        }
    }
}
