// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi;

/// <summary>
/// The Linux version whose header first has this name, or first has this value, where that is newer than 6.1.
/// A stable release of an older version may have it too.
/// </summary>
/// <param name="version">Such as <c>6.6</c>.</param>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Field)]
public sealed class SinceLinuxAttribute(string version) : Attribute
{
    /// <summary>Such as <c>6.6</c>.</summary>
    public string Version { get; } = version;
}
