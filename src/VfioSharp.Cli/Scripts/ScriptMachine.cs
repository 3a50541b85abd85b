// SPDX-License-Identifier: MIT
using VfioSharp.Pci;

namespace VfioSharp.Cli.Scripts;

/// <summary>The device aliases that a script may use, in the machine file's order.</summary>
/// <remarks>The order shows: a group prints as the alias of its first listed device.</remarks>
internal sealed class ScriptMachine(IReadOnlyList<KeyValuePair<string, PciAddress>> aliases)
{
    /// <summary>The aliases in order.</summary>
    public IReadOnlyList<KeyValuePair<string, PciAddress>> Aliases => aliases;

    /// <summary>The address text of an alias; an unknown alias is used as written.</summary>
    public string AddressOf(string alias)
    {
        foreach (KeyValuePair<string, PciAddress> entry in aliases)
            if (entry.Key == alias)
                return entry.Value.ToString();
        return alias;
    }

    /// <summary>The alias of an address, or the address itself.</summary>
    public string AliasOf(PciAddress address)
    {
        foreach (KeyValuePair<string, PciAddress> entry in aliases)
            if (entry.Value == address)
                return entry.Key;
        return address.ToString();
    }
}
