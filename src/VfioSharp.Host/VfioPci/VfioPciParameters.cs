// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.VfioPci;

/// <summary>Module parameters of vfio-pci that can be written while it is loaded.</summary>
internal sealed class VfioPciParameters
{
    private volatile bool _enableSriov;

    /// <summary>enable_sriov: whether a physical function bound to vfio-pci may get virtual ones.</summary>
    public bool EnableSriov
    {
        get => _enableSriov;
        set => _enableSriov = value;
    }
}
