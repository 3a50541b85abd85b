// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.VfioPci;

/// <summary>
/// The secret that a physical function with virtual ones shares with their users (vfio_pci_core.c:
/// vfio_pci_core_match_token_uuid).
/// </summary>
internal sealed class VfToken
{
    private readonly Lock _lock = new(); // Guards _value. Innermost.
    private Guid _value = Guid.NewGuid();

    public void Set(Guid value)
    {
        lock (_lock) _value = value;
    }
}
