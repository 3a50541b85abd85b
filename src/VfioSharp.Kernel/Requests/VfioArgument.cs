// SPDX-License-Identifier: MIT
namespace VfioSharp.Kernel.Requests;

/// <summary>What the argument of a request is.</summary>
public enum VfioArgument
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A number: one of <see cref="Abi.Vfio.VfioExtension"/>.</summary>
    Extension,

    /// <summary>The address of a descriptor's number.</summary>
    Descriptor,

    /// <summary>The address of a text that ends with a zero.</summary>
    Text,

    /// <summary>The address of a structure that begins with its size, argsz.</summary>
    Structure,
}
