// SPDX-License-Identifier: MIT
using System.Globalization;
using Spectre.Console;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Demo;

/// <summary>Prints the demo for a person, each step as it is done.</summary>
internal sealed class DemoPrinter(IAnsiConsole console)
{
    private const int NameWidth = 10;
    private const int TextColumn = 11 + NameWidth;
    private static readonly Style s_good = new(Color.Green), s_bad = new(Color.Red, decoration: Decoration.Bold), s_quiet = new(Color.Grey);

    /// <summary>The line above the steps.</summary>
    internal void Begin(IVfioKernel kernel) =>
        Line(kernel is LinuxKernel ? "VFIO on Linux\n" : $"VFIO on the {kernel.Name}: no root, no IOMMU, no spare device, no kernel module\n");

    /// <summary>A step and its details.</summary>
    internal void Print(DemoStep step)
    {
        console.Write(new Text(step.Ok ? "  ok   " : " WRONG ", step.Ok ? s_good : s_bad));
        Line(string.Create(CultureInfo.InvariantCulture, $"{step.Step,2} {step.Name.PadRight(NameWidth)} {step.Text}"));
        foreach (string detail in step.Details) console.Write(new Padder(new Text(detail, s_quiet), new Padding(TextColumn, 0, 0, 0)));
    }

    /// <summary>The line below the steps.</summary>
    internal void End(DemoReport report) => Line(string.Create(
        CultureInfo.InvariantCulture,
        $"\n{report.Steps.Count} steps, {(report.Ok ? "each gave what it should" : "the last one did not give what it should")}, {report.Milliseconds / 1000:0.00} s"));

    private void Line(string text) => console.Write(new Text(text + "\n"));
}
