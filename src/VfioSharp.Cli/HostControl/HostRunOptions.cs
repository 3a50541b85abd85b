// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.HostControl;

/// <summary>How a host runs a client's program.</summary>
/// <param name="Explain">Whether refusals are told on its standard error.</param>
/// <param name="Trap">Whether accesses to mapped registers are carried out.</param>
/// <param name="Trace">Where the trace goes: a file, - for standard error, or null.</param>
/// <param name="TraceFormat">The trace's form; null: as the file's name ends.</param>
/// <param name="Statistics">Whether what there was is printed at the end.</param>
/// <param name="LockedMemory">How much memory the program may lock instead of what its limit says, or null.</param>
internal sealed record HostRunOptions(bool Explain, bool Trap, string? Trace, string? TraceFormat, bool Statistics, ulong? LockedMemory);
