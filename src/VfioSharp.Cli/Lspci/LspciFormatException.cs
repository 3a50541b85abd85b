// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Lspci;

/// <summary>Text that is not what <c>lspci</c> prints: file, line, what was expected, what was found.</summary>
internal sealed class LspciFormatException(string file, int line, string expected, string found)
    : Exception($"{file}:{line}: expected {expected}, found {found}")
{
    /// <summary>The line, counted from 1.</summary>
    public int Line => line;
}
