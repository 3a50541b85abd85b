// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Programs;

/// <summary>A copy of a program's eventfd.</summary>
internal sealed class RemoteEvent(SafeDescriptor descriptor, EventWatcher watcher) : IEventHandle
{
    /// <summary>Adds one. A counter that is full stays full (fs/eventfd.c: eventfd_signal_mask); it must not block here.</summary>
    public void Signal()
    {
        bool held = false;
        try
        {
            descriptor.DangerousAddRef(ref held);
            if (Polling.IsWritable(descriptor.Number)) _ = EventDescriptor.Signal(descriptor.Number, 1);
        }
        catch (ObjectDisposedException)
        {
            // Disposed meanwhile: nobody listens any more.
        }
        finally
        {
            if (held) descriptor.DangerousRelease();
        }
    }

    // The copy keeps the event's file open: when the program closes its own cannot be seen.
    public IDisposable Subscribe(Action signalled, Action? closed = null) => watcher.Add(descriptor, signalled);

    public void Dispose() => descriptor.Dispose();

    /// <summary>Whether a descriptor of this process is an eventfd.</summary>
    public static bool IsEvent(SafeDescriptor descriptor) =>
        !Descriptors.ReadLink(MemoryFile.PathOf(descriptor), out string? target).IsError && target == "anon_inode:[eventfd]";
}
