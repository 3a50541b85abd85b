// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Callers;

/// <summary>What a descriptor number of a caller stands for.</summary>
public enum DescriptorKind
{
    /// <summary>Nothing is open there: EBADF.</summary>
    Closed,

    /// <summary>A file that is not the host's.</summary>
    Foreign,

    /// <summary>A file of the host.</summary>
    Host,
}

/// <summary>The descriptors of a calling process. Thread-safe.</summary>
public interface IFileTable
{
    /// <summary>Looks a descriptor up (fget). The file is alive for the duration of the call that looks it up.</summary>
    DescriptorKind Find(int descriptor, out HostFile? file);

    /// <summary>Gives the caller a new descriptor for <paramref name="file"/>, whose first reference passes to the table.</summary>
    /// <returns>The descriptor; EMFILE when the table is full. On failure the file is the caller's to release.</returns>
    KernelResult Install(HostFile file);

    /// <summary>
    /// eventfd_ctx_fdget: an event the host can signal and watch, its own to dispose.
    /// EBADF when nothing is open there, EINVAL when it is not an eventfd.
    /// </summary>
    KernelResult FindEvent(int descriptor, out IEventHandle? handle);
}

/// <summary>A counted reference to a caller's eventfd. Thread-safe; <see cref="Signal"/> does not block or allocate.</summary>
public interface IEventHandle : IDisposable
{
    /// <summary>Adds one to the count.</summary>
    void Signal();

    /// <summary>
    /// Calls back when the caller signals the event, on the signalling thread or one of the host's; each call consumes
    /// the count. Once the subscription is disposed no new call begins, but one under way may still end after that:
    /// whoever subscribes checks under a lock of its own whether it still wants it.
    /// </summary>
    /// <param name="signalled">What to call.</param>
    /// <param name="closed">
    /// Called when the caller closed its last descriptor of the event (virqfd.c: EPOLLHUP), where that can be known: not
    /// of another process.
    /// </param>
    IDisposable Subscribe(Action signalled, Action? closed = null);
}
