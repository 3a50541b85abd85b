// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Demo;

/// <summary>A step of the demo, done.</summary>
/// <param name="Step">Its number, from 1.</param>
/// <param name="Name">What it is, in VFIO's terms.</param>
/// <param name="Text">What was done and what came of it.</param>
/// <param name="Details">More of it, a line each.</param>
/// <param name="Ok">Whether it gave what it should.</param>
/// <param name="Milliseconds">How long it took.</param>
internal sealed record DemoStep(int Step, string Name, string Text, IReadOnlyList<string> Details, bool Ok, double Milliseconds);
