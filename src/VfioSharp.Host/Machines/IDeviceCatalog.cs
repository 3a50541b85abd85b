// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;

namespace VfioSharp.Host.Machines;

/// <summary>Knows the device models that a machine file may name. Passed in, so that the host knows no model.</summary>
public interface IDeviceCatalog
{
    /// <summary>The names of the models, sorted.</summary>
    IReadOnlyList<string> Models { get; }

    /// <summary>Makes a function of a known model; null when <see cref="DeviceDescription.Model"/> is not known.</summary>
    PciFunction? Create(DeviceDescription description);
}
