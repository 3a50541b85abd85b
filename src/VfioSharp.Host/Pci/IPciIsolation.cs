// SPDX-License-Identifier: MIT
using VfioSharp.Linux;

namespace VfioSharp.Host.Pci;

/// <summary>
/// What a platform may put between a function and the machine when errors were seen: on POWER its partitionable
/// endpoint. Asked at each access, from any thread, under any lock: answers take no lock and allocate nothing.
/// </summary>
public interface IPciIsolation
{
    /// <summary>Whether BARs are cut off: loads give ones, stores vanish.</summary>
    bool BlocksMmio { get; }

    /// <summary>Whether the function's memory requests are cut off, messages of interrupts too.</summary>
    bool BlocksDma { get; }

    /// <summary>What an access to configuration space fails with; <see cref="Errno.None"/> while it reaches the function.</summary>
    Errno ConfigError { get; }

    /// <summary>An access to configuration space begins. False: a load gives ones, a store vanishes.</summary>
    bool AdmitsConfig(bool isWrite);

    /// <summary>A reset of the function's bus begins. False: the firmware did not do it, though nobody is told.</summary>
    bool AdmitsBusReset();

    /// <summary>The IOMMU refused a memory request of the function.</summary>
    void DmaFailed();
}
