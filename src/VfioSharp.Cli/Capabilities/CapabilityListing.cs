// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Pci;

namespace VfioSharp.Cli.Capabilities;

/// <summary>A capability of a function.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id in its list.</param>
/// <param name="Offset">Where it is.</param>
/// <param name="Extended">Whether it is of the extended list.</param>
/// <param name="Hidden">Whether vfio-pci takes it out of the list that users see.</param>
/// <param name="Fields">Its main registers, decoded.</param>
internal sealed record ListedCapability(string Name, int Id, int Offset, bool Extended, bool Hidden, IReadOnlyList<CapabilityField> Fields);

/// <summary>A register or a part of one.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">What it says.</param>
internal sealed record CapabilityField(string Name, string Value);

/// <summary>Walks the two lists of capabilities.</summary>
internal static class CapabilityListing
{
    /// <summary>The capabilities, those vfio-pci hides marked.</summary>
    /// <param name="config">The bytes the hardware has.</param>
    /// <param name="shown">The bytes vfio-pci shows; null for a bridge, which it does not take.</param>
    public static IReadOnlyList<ListedCapability> Read(byte[] config, byte[]? shown)
    {
        HashSet<int>? visible = shown is null ? null : [.. Places(new ConfigView(shown)), .. ExtendedPlaces(new ConfigView(shown))];
        var view = new ConfigView(config);
        List<ListedCapability> found = [];
        foreach (int at in Places(view))
        {
            int id = view.Read8(at);
            found.Add(new ListedCapability(CapabilityNames.Of(id), id, at, false, visible?.Contains(at) == false, CapabilityFields.Of(view, at)));
        }

        foreach (int at in ExtendedPlaces(view))
        {
            int id = view.Read16(at);
            found.Add(new ListedCapability(CapabilityNames.OfExtended(id), id, at, true, visible?.Contains(at) == false, ExtendedCapabilityFields.Of(view, at)));
        }

        return found;
    }

    // A place met twice is a loop.
    private static List<int> Places(ConfigView view)
    {
        List<int> places = [];
        for (int at = view.FirstCapability; at != 0 && view.Read8(at) != 0xff && !places.Contains(at); at = view.NextCapability(at)) places.Add(at);
        return places;
    }

    // vfio-pci leaves the first one as an anchor without an id when it hides it: that is none.
    private static List<int> ExtendedPlaces(ConfigView view)
    {
        List<int> places = [];
        List<int> seen = [];
        int at = PciConfigSpace.Size;
        while (at >= PciConfigSpace.Size && !seen.Contains(at))
        {
            uint header = view.Read32(at);
            if (header is 0 or uint.MaxValue) break;
            seen.Add(at);
            if ((header & 0xffff) != 0) places.Add(at);
            at = (int)(header >> 20) & 0xffc;
        }

        return places;
    }
}
