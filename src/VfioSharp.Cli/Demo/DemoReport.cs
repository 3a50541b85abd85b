// SPDX-License-Identifier: MIT
using System.Text.Json.Serialization;

namespace VfioSharp.Cli.Demo;

/// <summary>The whole demo, as <c>--json</c> prints it.</summary>
/// <param name="Kernel">What it ran on.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Ok">Whether every step gave what it should.</param>
/// <param name="Milliseconds">How long it took.</param>
internal sealed record DemoReport(string Kernel, IReadOnlyList<DemoStep> Steps, bool Ok, double Milliseconds);

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DemoReport))]
internal sealed partial class DemoJson : JsonSerializerContext;
