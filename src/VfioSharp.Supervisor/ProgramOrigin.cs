// SPDX-License-Identifier: MIT
using VfioSharp.Linux;

namespace VfioSharp.Supervisor;

/// <summary>What a program inherits from the process that asked for it, when that is not the supervisor's.</summary>
/// <param name="File">The file to execute.</param>
/// <param name="Environment">Its whole environment.</param>
/// <param name="Place">Its working folder and umask.</param>
/// <param name="Limits">Its resource limits; a hard one above the supervisor's is taken as near as may be.</param>
public sealed record ProgramOrigin(
    string File, IReadOnlyDictionary<string, string> Environment, ProgramPlace Place, IReadOnlyList<ResourceLimit> Limits);
