// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Programs;

/// <summary>
/// A program's limits, asked of the kernel each time: setrlimit and capset take effect at once. A limit of locked memory
/// given instead binds whatever the program has and may.
/// </summary>
internal sealed class RemoteLimits(ProcessMemory memory, ulong? lockedMemory) : IProcessLimits
{
    public ulong MemlockLimitBytes =>
        lockedMemory is { } limit ? limit : ProcessCredentials.ReadMemlockLimit(memory.Thread, out ulong bytes).IsError ? 0 : bytes;

    public bool HasCapability(Capability capability) =>
        (capability != Capability.IpcLock || lockedMemory is null) &&
        !ProcessCredentials.ReadCapabilities(memory.Thread, out ulong effective).IsError &&
        (effective & (1UL << (int)capability)) != 0;
}
