// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi;

/// <summary>
/// The name that a structure, field or constant has in the C header. A field without it has the name that
/// its own spells in lower case with underscores.
/// </summary>
/// <param name="name">The C name, without <c>struct</c>.</param>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Field)]
public sealed class CNameAttribute(string name) : Attribute
{
    /// <summary>The C name, without <c>struct</c>.</summary>
    public string Name { get; } = name;
}
