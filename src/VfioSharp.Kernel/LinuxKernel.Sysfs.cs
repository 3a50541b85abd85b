// SPDX-License-Identifier: MIT
using System.Text;
using VfioSharp.Linux;

namespace VfioSharp.Kernel;

/// <content>Text attributes, links and folders (sysfs).</content>
public sealed partial class LinuxKernel
{
    // fs/sysfs: an attribute shows at most one page; lists of a bus may need more reads.
    private const int ReadChunkBytes = 4096;

    /// <inheritdoc/>
    public KernelResult ReadLink(string path, out string? target)
    {
        SyscallResult read = Descriptors.ReadLink(path, out target);
        return read.IsError ? From(read) : KernelResult.Success;
    }

    /// <inheritdoc/>
    public KernelResult ReadText(string path, out string? text)
    {
        text = null;
        SyscallResult opened = Descriptors.Open(path, OpenFlags.ReadOnly | OpenFlags.CloseOnExec, out SafeDescriptor? file);
        using (file)
        {
            if (file is null) return From(opened);
            List<byte> bytes = [];
            Span<byte> chunk = stackalloc byte[ReadChunkBytes];
            while (true)
            {
                SyscallResult read = Descriptors.Read(file.Number, chunk);
                if (read.Errno == Errno.EINTR) continue;
                if (read.IsError) return From(read);
                if (read.Value == 0) break;
                bytes.AddRange(chunk[..(int)read.Value]);
            }

            text = Encoding.UTF8.GetString([.. bytes]);
            return KernelResult.Success;
        }
    }

    /// <inheritdoc/>
    public KernelResult WriteText(string path, string text)
    {
        SyscallResult opened = Descriptors.Open(path, OpenFlags.WriteOnly | OpenFlags.CloseOnExec, out SafeDescriptor? file);
        using (file)
        {
            if (file is null) return From(opened);
            // One write: an attribute takes each write as a whole.
            SyscallResult written = Descriptors.Write(file.Number, Encoding.UTF8.GetBytes(text));
            return written.IsError ? From(written) : KernelResult.Success;
        }
    }

    /// <inheritdoc/>
    public KernelResult ListNames(string path, out IReadOnlyList<string>? names)
    {
        names = null;
        SyscallResult opened = Descriptors.Open(path, OpenFlags.ReadOnly | OpenFlags.CloseOnExec | OpenFlags.Folder, out SafeDescriptor? folder);
        folder?.Dispose();
        if (opened.IsError) return From(opened);
        try
        {
            names = [.. new DirectoryInfo(path).EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal)];
            return KernelResult.Success;
        }
        catch (IOException)
        {
            return KernelResult.FailSilently(Errno.ENOENT); // It went away between the check and the listing.
        }
        catch (UnauthorizedAccessException)
        {
            return KernelResult.FailSilently(Errno.EACCES);
        }
    }
}
