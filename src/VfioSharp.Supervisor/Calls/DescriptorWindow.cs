// SPDX-License-Identifier: MIT
namespace VfioSharp.Supervisor.Calls;

/// <summary>
/// The descriptor numbers under which programs get the host's files: the filter recognises calls on them by number.
/// </summary>
/// <remarks>
/// The upper half of the first 1024 numbers: rarely used by a program itself (such a call is looked at and let
/// through), below FD_SETSIZE for select, and within reach of those that close "all" descriptors before an exec.
/// </remarks>
/// <param name="First">Lowest number.</param>
/// <param name="End">The number after the highest.</param>
internal readonly record struct DescriptorWindow(int First, int End)
{
    /// <summary>The window for a limit of open descriptors (RLIMIT_NOFILE).</summary>
    public static DescriptorWindow For(ulong limit)
    {
        int end = (int)Math.Min(limit, 1024);
        return new DescriptorWindow(end / 2, end);
    }

    /// <summary>Whether a number is in the window.</summary>
    public bool Contains(int descriptor) => descriptor >= First && descriptor < End;
}
