// SPDX-License-Identifier: MIT
using VfioSharp.Host;

namespace VfioSharp.Supervisor.Tracing;

/// <summary>
/// Hears what a supervised program does with VFIO, as it happens: from several threads at once, while the program or a
/// device waits, below locks of the host. So a sink is thread-safe, quick, and calls nothing of the host.
/// </summary>
public interface ITraceSink : IHostObserver
{
    /// <summary>A call was answered.</summary>
    void Call(in TracedCall call);

    /// <summary>An access to mapped registers was carried out.</summary>
    void Access(in TracedAccess access);
}
