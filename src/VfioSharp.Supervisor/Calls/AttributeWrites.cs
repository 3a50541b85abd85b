// SPDX-License-Identifier: MIT
using System.Text;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Files;
using VfioSharp.Supervisor.Programs;

namespace VfioSharp.Supervisor.Calls;

/// <summary>Writes to the machine's attributes in sysfs.</summary>
internal sealed class AttributeWrites(Session session)
{
    // fs/kernfs/file.c: an attribute takes at most a page in one write.
    private const int LongestWrite = 4096;

    // Long enough for any write but one that waits for a device's user.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);

    /// <summary>write on a descriptor: null when it is no attribute's.</summary>
    public CallAnswer? Write(int descriptor, ulong address, ulong count)
    {
        session.Find(descriptor, out ServedFile? served);
        if (served is not ServedAttribute attribute) return null;
        byte[] text = new byte[(int)Math.Min(count, LongestWrite)];
        if (text.Length != 0 && !session.CurrentThread!.Process.Caller.Memory.TryRead(address, text))
            return (CallAnswer)KernelResult.Fail(Errno.EFAULT, $"write: {count} bytes at 0x{address:x} cannot be read");

        // An unbind waits for the device's last user, whose calls must be served meanwhile.
        ulong id = session.Current.Id;
        RemoteProcess process = session.CurrentThread!.Process;
        Thread worker = new(() => WriteAndAnswer(id, process, attribute.Path, Encoding.UTF8.GetString(text)))
        {
            IsBackground = true,
            Name = "vfio run: write " + attribute.Path,
        };
        worker.Start();
        return CallAnswer.Later;
    }

    /// <summary>A write that nobody waits for: it is over before the program's next call, unless it waits for a device's user.</summary>
    public static void WriteUnanswered(Session session, string path, string text)
    {
        Thread worker = new(() =>
        {
            KernelResult result = session.Host.Sysfs.WriteText(path, text);
            if (result.IsError)
                session.Options.Report?.Invoke($"writing \"{text.TrimEnd('\n')}\" to {path} failed, which the program could not be told: {result.Errno}: {result.Reason}");
        })
        {
            IsBackground = true,
            Name = "vfio run: write " + path,
        };
        worker.Start();
        worker.Join(s_patience);
    }

    private void WriteAndAnswer(ulong id, RemoteProcess process, string path, string text)
    {
        KernelResult result = session.Host.Sysfs.WriteText(path, text);
        if (result.IsError)
            session.Options.Explain?.Invoke($"{process.Name} write(\"{path}\", \"{text.TrimEnd('\n')}\") = {result.Errno}: {result.Reason}");
        lock (session.Gate) session.Paths.Tree?.Changed(path);
        _ = session.Listener.Answer(id, result.Value, result.Errno);
    }
}
