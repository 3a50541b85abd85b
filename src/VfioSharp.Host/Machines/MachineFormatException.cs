// SPDX-License-Identifier: MIT
using System.Globalization;

namespace VfioSharp.Host.Machines;

/// <summary>A machine file that cannot be used: where, what was expected, what was found.</summary>
public sealed class MachineFormatException : Exception
{
    /// <summary>Makes one.</summary>
    public MachineFormatException(string file, string path, long line, string expected, string found, Exception? cause = null)
        : base(Describe(file, path, line, expected, found), cause)
    {
        File = file;
        JsonPath = path;
        Line = line;
        Expected = expected;
        Found = found;
    }

    /// <summary>The file.</summary>
    public string File { get; }

    /// <summary>The place in the file, as in <c>$.devices[3].address</c>.</summary>
    public string JsonPath { get; }

    /// <summary>The line, counted from 1; 0 when it is not known.</summary>
    public long Line { get; }

    /// <summary>What should stand there.</summary>
    public string Expected { get; }

    /// <summary>What stands there.</summary>
    public string Found { get; }

    private static string Describe(string file, string path, long line, string expected, string found)
    {
        string place = line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{file}:{line}") : file;
        return $"{place}: {path}: expected {expected}, found {found}";
    }
}
