// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace VfioSharp.Abi.Tests;

/// <summary>The names that the C headers declare, read from the preprocessor's output.</summary>
internal sealed partial class CHeaders
{
    private static readonly string[] s_files = ["vfio.h", "vfio_ccw.h", "vfio_zdev.h", "iommufd.h", "pci_regs.h"];
    private readonly Dictionary<string, string> _constants = [];
    private readonly Dictionary<string, HashSet<string>> _structures = [];

    private CHeaders(string preprocessed)
    {
        foreach (var (file, text) in TextOfFiles(preprocessed))
        {
            foreach (Match match in Macro().Matches(text))
                _constants[match.Groups[1].Value] = file;
            var code = Attribute().Replace(Directive().Replace(text, ""), "");
            foreach (Match match in Enumeration().Matches(code))
                foreach (var enumerator in match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                    _constants[enumerator.Split('=')[0].Trim()] = file;
            foreach (Match match in Structure().Matches(code))
                _structures[match.Groups[1].Value] =
                    [.. Declarator().Matches(match.Groups[2].Value).Select(member => member.Groups[1].Value)];
            if (Version < LinuxVersionOf(preprocessed))
                Version = LinuxVersionOf(preprocessed);
        }
    }

    /// <summary>Linux version of the headers.</summary>
    public Version Version { get; } = new();

    /// <summary>Names of macros with a value and of enumerators, each with its file.</summary>
    public IReadOnlyDictionary<string, string> Constants => _constants;

    /// <summary>Names of structures, each with its members (flexible arrays left out).</summary>
    public IReadOnlyDictionary<string, HashSet<string>> Structures => _structures;

    /// <summary>Reads the headers that <see cref="CCompiler"/> uses.</summary>
    public static CHeaders Read() => new(CCompiler.Preprocess());

    /// <summary>True when the headers have what the fact is about.</summary>
    public bool Have(AbiFact fact) => fact.Kind switch
    {
        AbiFactKind.Member => _structures.TryGetValue(fact.Name, out var members) && members.Contains(fact.Member),
        // A structure that grew is checked where it has all its members.
        AbiFactKind.Size => _structures.TryGetValue(fact.Name, out var members)
            && AbiCatalog.Facts.All(other => other.Kind != AbiFactKind.Member || other.Name != fact.Name || members.Contains(other.Member)),
        _ => _constants.ContainsKey(fact.Name),
    };

    private static Version LinuxVersionOf(string preprocessed)
    {
        var code = int.Parse(VersionCode().Match(preprocessed).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return new Version(code >> 16, (code >> 8) & 0xFF);
    }

    private static Dictionary<string, string> TextOfFiles(string preprocessed)
    {
        var texts = s_files.ToDictionary(file => file, _ => new StringBuilder());
        StringBuilder? current = null;
        foreach (var line in preprocessed.Split('\n'))
        {
            if (LineMarker().Match(line) is { Success: true } marker)
                current = s_files.FirstOrDefault(file => marker.Groups[1].Value.EndsWith("linux/" + file, StringComparison.Ordinal)) is { } file
                    ? texts[file]
                    : null;
            else
                current?.Append(line).Append('\n');
        }
        return texts.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
    }

    [GeneratedRegex("""^# \d+ "([^"]+)".*""")]
    private static partial Regex LineMarker();

    [GeneratedRegex(@"^#define (\w+) +\S.*$", RegexOptions.Multiline)]
    private static partial Regex Macro();

    [GeneratedRegex("^#.*$", RegexOptions.Multiline)]
    private static partial Regex Directive();

    [GeneratedRegex(@"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"\benum\s*\w*\s*\{([^}]*)\}")]
    private static partial Regex Enumeration();

    // One level of nested braces: an anonymous union.
    [GeneratedRegex(@"\bstruct\s+(\w+)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")]
    private static partial Regex Structure();

    [GeneratedRegex(@"(\w+)\s*(?:\[[^\]]+\])?\s*;")]
    private static partial Regex Declarator();

    [GeneratedRegex(@"#define LINUX_VERSION_CODE (\d+)")]
    private static partial Regex VersionCode();
}
