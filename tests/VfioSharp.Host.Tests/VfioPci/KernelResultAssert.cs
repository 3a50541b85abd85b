// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.VfioPci;

internal static class KernelResultAssert
{
    /// <summary>A refusal with the errno, and with a reason.</summary>
    public static void Refused(Errno errno, KernelResult result)
    {
        Assert.Equal(errno, result.Errno);
        Assert.False(string.IsNullOrWhiteSpace(result.Reason));
    }
}
