// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using VfioSharp.Host.Sysfs;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Paths;

namespace VfioSharp.Supervisor.Calls;

/// <summary>Calls that look at a path without opening it: stat, access and readlink with their relatives.</summary>
internal sealed class PathCalls(Session session)
{
    /// <summary>AT_SYMLINK_NOFOLLOW.</summary>
    public const ulong NoFollow = 0x100;

    private const uint AccessWrite = 2;
    private const uint AccessExecute = 1;

    /// <summary>stat, lstat, newfstatat.</summary>
    public CallAnswer Status(string call, ulong pathAddress, ulong buffer, ulong flags)
    {
        Span<byte> statx = stackalloc byte[FileStatus.StatxSize];
        if (Look(call, pathAddress, flags, statx) is not { } answer) return CallAnswer.Continue;
        if (answer.IsError) return answer;
        Span<byte> stat = stackalloc byte[FileStatus.StatSize];
        FileStatus.Convert(statx, stat);
        return Give(call, buffer, stat, 0);
    }

    /// <summary>statx.</summary>
    public CallAnswer StatusX(ulong pathAddress, ulong flags, ulong buffer)
    {
        Span<byte> statx = stackalloc byte[FileStatus.StatxSize];
        if (Look("statx", pathAddress, flags, statx) is not { } answer) return CallAnswer.Continue;
        return answer.IsError ? answer : Give("statx", buffer, statx, 0);
    }

    /// <summary>access, faccessat, faccessat2.</summary>
    public CallAnswer Access(ulong pathAddress, uint mode, ulong flags)
    {
        if (PathReader.ReadServed(session.Listener, session.Current, pathAddress) is not { } path) return CallAnswer.Continue;
        if (!session.Paths.TryFind(path, (flags & NoFollow) == 0, out ServedPath found)) return CallAnswer.Continue;
        using ServedPath file = found;
        KernelResult result = file.Entry is not { } entry ? session.Paths.Refuse("access", path, file.Errno)
            : (mode & AccessWrite) != 0 && (entry.Mode & 0x92) == 0 ? KernelResult.Fail(Errno.EACCES, $"access: {path} cannot be written")
            : (mode & AccessExecute) != 0 && (entry.Mode & 0x49) == 0 ? KernelResult.Fail(Errno.EACCES, $"access: {path} is no program")
            : KernelResult.Success;
        session.ExplainPath(string.Create(CultureInfo.InvariantCulture, $"access(\"{path}\", {mode})"), path, result);
        return result;
    }

    /// <summary>readlink, readlinkat.</summary>
    public CallAnswer ReadLink(ulong pathAddress, ulong buffer, ulong size)
    {
        if ((int)size <= 0 || PathReader.ReadServed(session.Listener, session.Current, pathAddress) is not { } path) return CallAnswer.Continue;
        if (!session.Paths.TryFind(path, followsLast: false, out ServedPath found)) return CallAnswer.Continue;
        using ServedPath file = found;
        if (file.Entry is not { } entry)
        {
            KernelResult refused = session.Paths.Refuse("readlink", path, file.Errno);
            session.ExplainPath($"readlink(\"{path}\")", path, refused);
            return refused;
        }

        // Not explained: realpath asks so of every part of a path.
        if (entry.Kind != SysfsKind.Link) return KernelResult.Fail(Errno.EINVAL, $"readlink: {path} is no link");
        ReadOnlySpan<byte> text = Encoding.UTF8.GetBytes(entry.Text);
        if ((ulong)text.Length > size) text = text[..(int)size];
        return Give("readlink", buffer, text, text.Length);
    }

    /// <summary>getxattr, lgetxattr: none has any (fs/kernfs has no handler for users' and ACLs').</summary>
    public CallAnswer ExtendedAttribute(ulong pathAddress, ulong flags)
    {
        KernelResult? looked = Look("getxattr", pathAddress, flags, stackalloc byte[FileStatus.StatxSize]);
        if (looked is not { } found) return CallAnswer.Continue;
        return found.IsError ? found : KernelResult.Fail(Errno.EOPNOTSUPP, "getxattr: files of the machine have no extended attributes");
    }

    /// <summary>listxattr, llistxattr.</summary>
    public CallAnswer ExtendedAttributes(ulong pathAddress, ulong flags) =>
        Look("listxattr", pathAddress, flags, stackalloc byte[FileStatus.StatxSize]) is { } found ? found : CallAnswer.Continue;

    // Null: the path is this computer's.
    private KernelResult? Look(string call, ulong pathAddress, ulong flags, Span<byte> statx)
    {
        if (PathReader.ReadServed(session.Listener, session.Current, pathAddress) is not { } path) return null;
        if (!session.Paths.TryFind(path, (flags & NoFollow) == 0, out ServedPath found)) return null;
        using ServedPath file = found;
        KernelResult result;
        if (file.Place is null) result = session.Paths.Refuse(call, path, file.Errno);
        else
        {
            session.Paths.Tree!.Refresh(file.Entry!);
            SyscallResult read = Descriptors.ReadStatus(file.Place.Number, statx);
            if (!read.IsError) FileStatus.Correct(statx, file.Entry!);
            result = read.IsError ? session.Paths.Refuse(call, path, read.Errno) : KernelResult.Success;
        }

        session.ExplainPath($"{call}(\"{path}\")", path, result);
        return result;
    }

    private KernelResult Give(string call, ulong buffer, ReadOnlySpan<byte> bytes, int value) =>
        session.Listener.IsValid(session.Current.Id) && ProcessMemoryAccess.Write(session.Current.Thread, buffer, bytes).Value == bytes.Length
            ? KernelResult.Ok(value)
            : KernelResult.Fail(Errno.EFAULT, $"{call}: {bytes.Length} bytes at 0x{buffer:x} cannot be written");
}
