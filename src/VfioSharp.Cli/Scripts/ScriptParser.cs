// SPDX-License-Identifier: MIT
using System.Text;

namespace VfioSharp.Cli.Scripts;

/// <summary>
/// Splits a script into lines and words, with every habit of the recorded runner (vfio-script.c: split): what the
/// answers were made with is the definition of the language.
/// </summary>
internal static class ScriptParser
{
    // What the runner has room for: later words are dropped, later options become positional words.
    private const int WordLimit = 127;
    private const int OptionLimit = 64;

    /// <summary>The lines that hold an operation; blank lines and comments count as lines and give nothing.</summary>
    public static IReadOnlyList<ScriptLine> Parse(string text)
    {
        List<ScriptLine> lines = [];
        int number = 0;
        for (int start = 0; start < text.Length;)
        {
            // The line end is part of the line: it ends up in a word whose quote is not closed.
            int end = text.IndexOf('\n', start) is var found and >= 0 ? found + 1 : text.Length;
            if (ParseLine(++number, text[start..end]) is { } parsed) lines.Add(parsed);
            start = end;
        }

        return lines;
    }

    /// <summary>One line; null when it holds no operation.</summary>
    public static ScriptLine? ParseLine(int number, string text)
    {
        List<string> words = Split(text);
        if (words.Count == 0) return null;

        List<string> positional = [];
        List<KeyValuePair<string, string>> options = [];
        for (int i = 1; i < words.Count; i++)
        {
            int equals = KeyLength(words[i]);
            if (equals > 0 && options.Count < OptionLimit)
            {
                options.Add(new(words[i][..equals], words[i][(equals + 1)..]));
                words[i] = words[i][..equals];
            }
            else
            {
                positional.Add(words[i]);
            }
        }

        return new ScriptLine(number, words, positional, options);
    }

    private static List<string> Split(string text)
    {
        List<string> words = [];
        StringBuilder word = new();
        int at = 0;
        while (at < text.Length)
        {
            while (at < text.Length && IsBlank(text[at])) at++;
            if (at == text.Length || text[at] == '#') break;

            // Quotes group and vanish, wherever in a word they stand.
            word.Clear();
            bool quoted = false;
            for (; at < text.Length && (quoted || !IsBlank(text[at])); at++)
            {
                if (text[at] == '"') quoted = !quoted;
                else word.Append(text[at]);
            }

            if (words.Count < WordLimit) words.Add(word.ToString());
        }

        return words;
    }

    // The length of KEY in KEY=VALUE, or 0 when the word is not an option.
    private static int KeyLength(string word)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        for (int i = 0; i < equals; i++)
            if (!char.IsAsciiLetterOrDigit(word[i]) && word[i] != '_')
                return 0;
        return Math.Max(equals, 0);
    }

    private static bool IsBlank(char c) => c is ' ' or (>= '\t' and <= '\r');
}
