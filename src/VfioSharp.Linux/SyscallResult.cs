// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Runtime.InteropServices;

namespace VfioSharp.Linux;

/// <summary>What a system call returned: a value, or an error number. Never an exception.</summary>
public readonly record struct SyscallResult
{
    private readonly long _value;

    private SyscallResult(long value) => _value = value;

    /// <summary>Whether the call failed.</summary>
    public bool IsError => _value < 0;

    /// <summary>The value returned; -1 when the call failed.</summary>
    public long Value => _value < 0 ? -1 : _value;

    /// <summary>The error, or <see cref="Errno.None"/>.</summary>
    public Errno Errno => _value < 0 ? (Errno)(-_value) : Errno.None;

    /// <summary>A call that succeeded with <paramref name="value"/>.</summary>
    public static SyscallResult Ok(long value) => new(value);

    /// <summary>A call that failed with <paramref name="errno"/>.</summary>
    public static SyscallResult Fail(Errno errno) => new(-(long)errno);

    /// <summary>
    /// What libc returned, with errno taken at once: nothing may run between the call and this that could
    /// overwrite the saved error number.
    /// </summary>
    internal static SyscallResult FromLibc(nint returned) =>
        returned == -1 ? Fail((Errno)Marshal.GetLastPInvokeError()) : new SyscallResult(returned);

    /// <summary>The value, or the errno's name.</summary>
    public override string ToString() =>
        IsError ? Errno.ToString() : _value.ToString(CultureInfo.InvariantCulture);
}
