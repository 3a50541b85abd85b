// SPDX-License-Identifier: MIT
using VfioSharp.Linux;
using VfioSharp.Supervisor.Programs;

namespace VfioSharp.Supervisor;

/// <summary>
/// Releases what programs closed and forgets those that ended, also while nobody makes a call: a program killed in
/// the middle leaves nothing behind.
/// </summary>
internal sealed class Housekeeper : IDisposable
{
    private readonly Session _session;
    private readonly SafeDescriptor _wake;
    private readonly Thread _thread;
    private volatile bool _stopped;

    /// <summary>Starts it.</summary>
    /// <param name="session">What to keep.</param>
    /// <param name="wake">An event that tells of new processes.</param>
    public Housekeeper(Session session, SafeDescriptor wake)
    {
        _session = session;
        _wake = wake;
        _thread = new Thread(Keep) { IsBackground = true, Name = "vfio run: housekeeping" };
        _thread.Start();
    }

    public void Dispose()
    {
        _stopped = true;
        _ = EventDescriptor.Signal(_wake.Number, 1);
        _thread.Join();
        _wake.Dispose();
    }

    private void Keep()
    {
        while (!_stopped)
        {
            int[] numbers;
            lock (_session.Gate)
            {
                _session.Files.Drain();
                _session.Programs.Reap();
                numbers = [_wake.Number, _session.Files.PollNumber, .. _session.Programs.Processes.Select(process => process.Descriptor.Number)];
            }

            _ = Polling.Wait(numbers, -1, new PollEvents[numbers.Length]);
            _ = EventDescriptor.Take(_wake.Number, out _);
        }
    }
}
