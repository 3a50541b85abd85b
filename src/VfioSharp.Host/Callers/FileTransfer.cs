// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Callers;

/// <summary>What the kernel checks of any read and write before the file sees it (fs/read_write.c).</summary>
public static class FileTransfer
{
    /// <summary>
    /// A negative position or count is EINVAL, a buffer outside user space EFAULT, an end beyond the largest position
    /// EINVAL (vfs_read, vfs_write, rw_verify_area).
    /// </summary>
    /// <param name="memory">The caller's memory.</param>
    /// <param name="call">The call's name, for the reason.</param>
    /// <param name="address">The caller's buffer.</param>
    /// <param name="count">Bytes asked for.</param>
    /// <param name="offset">File position.</param>
    public static KernelResult Check(ICallerMemory memory, string call, ulong address, ulong count, ulong offset)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (offset > long.MaxValue) return KernelResult.Fail(Errno.EINVAL, $"{call}: offset 0x{offset:x} is negative");
        if (count > long.MaxValue) return KernelResult.Fail(Errno.EINVAL, $"{call}: count 0x{count:x} is negative");
        ulong limit = memory.AddressLimit;
        if (address > limit || count > limit - address) return KernelResult.Fail(Errno.EFAULT, $"{call}: the buffer 0x{address:x}+0x{count:x} is outside user space");
        return count != 0 && offset + count - 1 > long.MaxValue
            ? KernelResult.Fail(Errno.EINVAL, $"{call}: 0x{count:x} bytes at 0x{offset:x} pass the largest file position")
            : KernelResult.Success;
    }
}
