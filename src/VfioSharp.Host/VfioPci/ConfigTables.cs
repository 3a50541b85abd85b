// SPDX-License-Identifier: MIT
using VfioSharp.Pci;

namespace VfioSharp.Host.VfioPci;

/// <summary>
/// The permissions of every capability, by its id (vfio_pci_config.c: cap_perms and ecap_perms). The header's and
/// those of MSI are not in it: <see cref="ConfigPermissions"/> has them.
/// </summary>
internal sealed class ConfigTables
{
    // As many as a byte of ConfigMap tells apart.
    private const int Ids = 256;

    private readonly ConfigPermissions[] _conventional;
    private readonly ConfigPermissions[] _extended;

    /// <param name="conventional">The permissions of a capability in the first 256 bytes.</param>
    /// <param name="extended">Those of one behind them.</param>
    public ConfigTables(Func<PciCapabilityId, ConfigPermissions> conventional, Func<int, ConfigPermissions> extended)
    {
        _conventional = [.. Enumerable.Range(0, Ids).Select(id => conventional((PciCapabilityId)id))];
        _extended = [.. Enumerable.Range(0, Ids).Select(extended)];
    }

    /// <summary>vfio-pci's own.</summary>
    public static ConfigTables Kernel { get; } = new(ConfigPermissions.Of, ConfigPermissions.OfExtended);

    public ConfigPermissions Of(byte id) => _conventional[id];

    public ConfigPermissions OfExtended(byte id) => _extended[id];
}
