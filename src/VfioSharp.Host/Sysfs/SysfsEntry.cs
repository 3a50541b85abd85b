// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Sysfs;

/// <summary>What a path names.</summary>
public enum SysfsKind
{
    /// <summary>A folder.</summary>
    Folder,

    /// <summary>An attribute: a text that is read and written whole.</summary>
    Attribute,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A VFIO node below /dev: a character device.</summary>
    Node,
}

/// <summary>A file of the machine, as programs see it.</summary>
/// <param name="Path">Its absolute path, without links on the way.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">Its permission bits.</param>
/// <param name="Text">The link's target; the path by which <see cref="SysfsModel"/> reads and writes the attribute.</param>
public sealed record SysfsEntry(string Path, SysfsKind Kind, int Mode, string Text = "");
