// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Scripts;

/// <summary>One line of a script, split into words.</summary>
/// <param name="Number">The line's number in the script, from 1.</param>
/// <param name="Words">All words in order; of an option only its key. The first is the operation.</param>
/// <param name="Positional">The words after the operation that are not options.</param>
/// <param name="Options">The <c>key=value</c> words in order; the first of a key counts.</param>
internal sealed record ScriptLine(
    int Number,
    IReadOnlyList<string> Words,
    IReadOnlyList<string> Positional,
    IReadOnlyList<KeyValuePair<string, string>> Options)
{
    /// <summary>The operation's name.</summary>
    public string Operation => Words[0];

    /// <summary>The value of an option, or null.</summary>
    public string? Option(string key)
    {
        foreach (KeyValuePair<string, string> option in Options)
            if (option.Key == key)
                return option.Value;
        return null;
    }

    /// <summary>The line that <c>child OP ARGS</c> runs: its first positional word becomes the operation.</summary>
    public ScriptLine ForChild() =>
        this with { Words = [Positional[0], .. Words.Skip(1)], Positional = [.. Positional.Skip(1)] };
}
