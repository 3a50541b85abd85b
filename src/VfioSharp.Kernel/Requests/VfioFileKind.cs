// SPDX-License-Identifier: MIT
namespace VfioSharp.Kernel.Requests;

/// <summary>What a VFIO descriptor is: the same request number means different things on each.</summary>
public enum VfioFileKind
{
    /// <summary>Something else; its requests have no names here.</summary>
    Other,

    /// <summary>A container of a machine with a Type1 IOMMU.</summary>
    Type1Container,

    /// <summary>A container of a POWER machine.</summary>
    SpaprContainer,

    /// <summary>A group.</summary>
    Group,

    /// <summary>A device.</summary>
    Device,
}
