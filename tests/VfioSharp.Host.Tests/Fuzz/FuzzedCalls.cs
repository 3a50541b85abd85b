// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.Fuzz;

/// <summary>How many calls of one kind a run made, and how many of them were refused.</summary>
internal sealed class FuzzedCalls(string name)
{
    public long Made { get; private set; }

    public long Refused { get; private set; }

    public bool SomeSucceeded => Refused < Made;

    public void Note(RefusalLog refusals, KernelResult result)
    {
        Made++;
        if (result.IsError) Refused++;
        refusals.Note(result);
    }

    public override string ToString() => $"{name} {Made} ({Refused} refused)";
}
