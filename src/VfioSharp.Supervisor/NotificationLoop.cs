// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Calls;

namespace VfioSharp.Supervisor;

/// <summary>Receives intercepted calls and has them served, on one thread: one blocking thread was measured fastest.</summary>
internal sealed class NotificationLoop
{
    // Before Linux 6.11 the last task's end does not wake the receiver: it is left behind then.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly Session _session;
    private readonly CallDispatcher _dispatcher;
    private readonly Thread _thread;
    private volatile bool _stopped;

    public NotificationLoop(Session session)
    {
        _session = session;
        _dispatcher = new CallDispatcher(session);
        _thread = new Thread(Receive) { IsBackground = true, Name = "vfio run: calls" };
        _thread.Start();
    }

    /// <summary>Waits for the thread's end, once no filtered task is left; false when it still waits for one.</summary>
    public bool Stop()
    {
        _stopped = true;
        return _thread.Join(s_patience);
    }

    private void Receive()
    {
        while (!_stopped)
        {
            SyscallResult received = _session.Listener.Receive(out SeccompNotification notification);
            if (!received.IsError) Serve(notification);
            else if (received.Errno == Errno.ENOENT && !Polling.WaitForHangUp(_session.Listener.Number, 0).IsError) return;
            else if (received.Errno is not (Errno.ENOENT or Errno.EINTR)) return;
        }
    }

    // A mistake of ours must not take the program's other calls with it: this one fails, and is reported.
    private void Serve(in SeccompNotification notification)
    {
        try
        {
            _dispatcher.Serve(notification);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _session.Options.Report?.Invoke($"internal error in system call {notification.Number} of thread {notification.Thread}: {error.Message}");
            _ = _session.Listener.Answer(notification.Id, -1, Errno.EIO);
        }
    }
}
