// SPDX-License-Identifier: MIT
using System.Text;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Files;
using VfioSharp.Supervisor.Programs;

namespace VfioSharp.Supervisor.Calls;

/// <summary>readlink of the machine's links in sysfs, and writes to its attributes.</summary>
internal sealed class SysfsCalls(Session session)
{
    // fs/kernfs/file.c: an attribute takes at most a page in one write.
    private const int LongestWrite = 4096;

    /// <summary>readlink, readlinkat.</summary>
    public CallAnswer ReadLink(ulong pathAddress, ulong buffer, ulong size)
    {
        if (PathReader.ReadServed(session.Listener, session.Current, pathAddress) is not { } path) return CallAnswer.Continue;
        if (!session.Host.Sysfs.Covers(path) || (int)size <= 0) return CallAnswer.Continue;
        KernelResult result = session.Host.Sysfs.ReadLink(path, out string? target);
        if (target is not null)
        {
            ReadOnlySpan<byte> text = Encoding.UTF8.GetBytes(target);
            if ((ulong)text.Length > size) text = text[..(int)size];
            bool written = session.Listener.IsValid(session.Current.Id) &&
                ProcessMemoryAccess.Write(session.Current.Thread, buffer, text).Value == text.Length;
            result = written ? KernelResult.Ok(text.Length) : KernelResult.Fail(Errno.EFAULT, $"readlink: the buffer 0x{buffer:x} cannot be written");
        }

        session.Explain($"readlink(\"{path}\")", result);
        return result;
    }

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

    private void WriteAndAnswer(ulong id, RemoteProcess process, string path, string text)
    {
        KernelResult result = session.Host.Sysfs.WriteText(path, text);
        if (result.IsError)
            session.Options.Explain?.Invoke($"{process.Name} write(\"{path}\", \"{text.TrimEnd('\n')}\") = {result.Errno}: {result.Reason}");
        _ = session.Listener.Answer(id, result.Value, result.Errno);
    }
}
