// SPDX-License-Identifier: MIT
using System.Text.Json.Serialization;

namespace VfioSharp.Cli.Doctor;

/// <summary>How a check went.</summary>
internal enum DoctorState
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, with a limit.</summary>
    Warning,

    /// <summary><c>vfio run</c> does not work.</summary>
    Failed,
}

/// <summary>One thing that <c>vfio run</c> needs.</summary>
/// <param name="Name">What.</param>
/// <param name="State">How it is.</param>
/// <param name="Found">What was found.</param>
/// <param name="Remedy">What to do, a command where one does it; null when all is well.</param>
internal sealed record DoctorCheck(string Name, DoctorState State, string Found, string? Remedy);

/// <summary>All of them.</summary>
/// <param name="Works">Whether <c>vfio run</c> works here.</param>
/// <param name="Checks">The checks, in the order in which to mend things.</param>
internal sealed record DoctorReport(bool Works, IReadOnlyList<DoctorCheck> Checks);

/// <summary>The report as JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;
