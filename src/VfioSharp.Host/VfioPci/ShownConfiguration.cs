// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;

namespace VfioSharp.Host.VfioPci;

/// <summary>What vfio-pci shows of a function's configuration space before anybody wrote to it.</summary>
public static class ShownConfiguration
{
    /// <summary>The bytes: capabilities that are not for users are out of the lists.</summary>
    public static byte[] Of(PciFunction function) => new ConfigMap(function).Shown;
}
