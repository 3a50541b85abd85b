// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text.Json;

namespace VfioSharp.Host.Machines;

/// <summary>Finds the line of a JSON path in a file, for errors that are found after parsing.</summary>
internal static class JsonLocator
{
    /// <summary>The line (from 1) where the value at <paramref name="path"/> begins; 0 when it is not there.</summary>
    public static long LineOf(ReadOnlySpan<byte> json, string path)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip });
        var here = new Stack<(string Path, int Index, bool Array)>();
        string current = "$";
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        current = $"{here.Peek().Path}.{reader.GetString()}";
                        continue;
                    case JsonTokenType.EndArray or JsonTokenType.EndObject:
                        here.Pop();
                        continue;
                    default:
                        break;
                }

                if (here.Count > 0 && here.Peek().Array)
                {
                    (string parent, int index, _) = here.Pop();
                    current = string.Create(CultureInfo.InvariantCulture, $"{parent}[{index}]");
                    here.Push((parent, index + 1, true));
                }

                if (current == path) return 1 + json[..(int)reader.TokenStartIndex].Count((byte)'\n');
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    here.Push((current, 0, reader.TokenType == JsonTokenType.StartArray));
                }
            }
        }
        catch (JsonException)
        {
            // The file does not parse from here on: the parser reports that itself.
            return 0;
        }

        return 0;
    }
}
