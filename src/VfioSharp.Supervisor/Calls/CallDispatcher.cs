// SPDX-License-Identifier: MIT
using System.Diagnostics;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Programs;

namespace VfioSharp.Supervisor.Calls;

/// <summary>Serves intercepted calls, one at a time.</summary>
internal sealed class CallDispatcher(Session session)
{
    private readonly OpenCalls _opens = new(session);
    private readonly HostFileCalls _files = new(session);
    private readonly PathCalls _paths = new(session);
    private readonly AttributeWrites _attributes = new(session);
    private bool _programStarted;

    /// <summary>Serves one call, and answers it unless another thread will.</summary>
    public void Serve(in SeccompNotification notification)
    {
        CallAnswer answer;
        lock (session.Gate)
        {
            session.Current.Id = notification.Id;
            session.Current.Thread = notification.Thread;
            session.Current.IsKnownValid = false;
            session.CurrentThread = null;
            if (session.Recorder is not null) session.Current.Started = Stopwatch.GetTimestamp();
            // What was closed before this call has to be gone before it: a program may open it again at once.
            session.Files.Drain();
            answer = Dispatch(notification);
        }

        // An error here means that the caller was killed: there is nobody to tell.
        if (answer.Outcome == CallOutcome.Continue) _ = session.Listener.Continue(notification.Id);
        else if (answer.Outcome == CallOutcome.Answer) _ = session.Listener.Answer(notification.Id, answer.Result.Value, answer.Result.Errno);
    }

    private CallAnswer Dispatch(in SeccompNotification call) => call.Number switch
    {
        X64.Ioctl => _files.Ioctl((int)call.Argument0, (uint)call.Argument1, call.Argument2),
        X64.PRead => _files.Read((int)call.Argument0, call.Argument1, call.Argument2, call.Argument3),
        X64.PWrite => _files.Write("pwrite", (int)call.Argument0, call.Argument1, call.Argument2, call.Argument3),
        X64.MMap => _files.Map(call.Argument1, (uint)call.Argument2, call.Argument3, (int)call.Argument4, call.Argument5),
        X64.Write => _attributes.Write((int)call.Argument0, call.Argument1, call.Argument2)
            ?? _files.Write("write", (int)call.Argument0, call.Argument1, call.Argument2, 0),
        X64.Open => _opens.Open(-1, call.Argument0, (uint)call.Argument1),
        X64.OpenAt => _opens.Open((int)call.Argument0, call.Argument1, (uint)call.Argument2),
        X64.Stat => _paths.Status("stat", call.Argument0, call.Argument1, 0),
        X64.LStat => _paths.Status("lstat", call.Argument0, call.Argument1, PathCalls.NoFollow),
        X64.NewFStatAt => _paths.Status("newfstatat", call.Argument1, call.Argument2, call.Argument3),
        X64.Statx => _paths.StatusX(call.Argument1, call.Argument2, call.Argument4),
        X64.Access => _paths.Access(call.Argument0, (uint)call.Argument1, 0),
        X64.FAccessAt => _paths.Access(call.Argument1, (uint)call.Argument2, 0),
        X64.FAccessAt2 => _paths.Access(call.Argument1, (uint)call.Argument2, call.Argument3),
        X64.ReadLink => _paths.ReadLink(call.Argument0, call.Argument1, call.Argument2),
        X64.ReadLinkAt => _paths.ReadLink(call.Argument1, call.Argument2, call.Argument3),
        X64.GetXAttr => _paths.ExtendedAttribute(call.Argument0, 0),
        X64.LGetXAttr => _paths.ExtendedAttribute(call.Argument0, PathCalls.NoFollow),
        X64.ListXAttr => _paths.ExtendedAttributes(call.Argument0, 0),
        X64.LListXAttr => _paths.ExtendedAttributes(call.Argument0, PathCalls.NoFollow),
        X64.Close or X64.Dup2 or X64.Dup3 or X64.CloseRange => Note(process => process.DescriptorVersion++),
        X64.ExecVe or X64.ExecVeAt => Exec(),
        _ => CallAnswer.Continue,
    };

    // The first exec is the program's own start: nothing of it runs before this call is let through, so whoever ends the
    // programs with a supervisor that dies has to know of it from here on.
    private CallAnswer Exec()
    {
        if (!_programStarted)
        {
            _programStarted = true;
            session.Programs.ProcessChanged?.Invoke(session.Current.Thread, true);
            foreach (ResourceLimit limit in session.Options.Origin?.Limits ?? []) _ = ResourceLimits.Set(session.Current.Thread, limit);
        }

        return Note(process => process.ExecWasCalled = true);
    }

    // Processes that are not known have nothing that could be out of date.
    private CallAnswer Note(Action<RemoteProcess> change)
    {
        if (session.Programs.FindKnown(session.Current.Thread) is { } process) change(process);
        return CallAnswer.Continue;
    }
}
