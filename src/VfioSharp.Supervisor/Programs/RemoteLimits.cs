// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Programs;

/// <summary>A program's limits, asked of the kernel each time: setrlimit and capset take effect at once.</summary>
internal sealed class RemoteLimits(ProcessMemory memory) : IProcessLimits
{
    public ulong MemlockLimitBytes =>
        ProcessCredentials.ReadMemlockLimit(memory.Thread, out ulong bytes).IsError ? 0 : bytes;

    public bool HasCapability(Capability capability) =>
        !ProcessCredentials.ReadCapabilities(memory.Thread, out ulong effective).IsError &&
        (effective & (1UL << (int)capability)) != 0;
}
