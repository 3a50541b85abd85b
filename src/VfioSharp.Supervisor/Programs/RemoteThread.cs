// SPDX-License-Identifier: MIT
using System.Buffers.Text;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Programs;

/// <summary>A thread that makes calls: whose it is, and the way to its descriptor table.</summary>
/// <param name="process">The process it belongs to.</param>
/// <param name="descriptors">/proc/TID/fd, opened while the thread lived: it never shows another thread's.</param>
internal sealed class RemoteThread(RemoteProcess process, SafeDescriptor descriptors) : IDisposable
{
    public RemoteProcess Process => process;

    /// <summary>Which inode is open at a descriptor number; ENOENT: nothing is, or the thread is gone.</summary>
    public SyscallResult Identify(int descriptor, out FileIdentity identity)
    {
        Span<byte> name = stackalloc byte[12];
        _ = Utf8Formatter.TryFormat(descriptor, name, out int length);
        name[length] = 0;
        return Descriptors.IdentifyAt(descriptors.Number, name[..(length + 1)], out identity);
    }

    public void Dispose() => descriptors.Dispose();
}
