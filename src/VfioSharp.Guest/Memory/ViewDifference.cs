// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Memory;

/// <summary>How two views differ.</summary>
internal static class ViewDifference
{
    /// <summary>The sections of a view that another does not have exactly so, in ascending order.</summary>
    internal static IEnumerable<MemorySection> In(FlatView view, FlatView notIn)
    {
        int at = 0;
        foreach (MemorySection section in view.Sections)
        {
            while (at < notIn.Sections.Count && notIn.Sections[at].Address < section.Address) at++;
            if (at == notIn.Sections.Count || notIn.Sections[at] != section) yield return section;
        }
    }
}
