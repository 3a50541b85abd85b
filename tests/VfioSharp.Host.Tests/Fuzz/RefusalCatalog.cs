// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace VfioSharp.Host.Tests.Fuzz;

/// <summary>A place in the host's source that refuses: where it is, and the shape of the sentence it gives.</summary>
internal sealed record Refusal(string Place, string Errno, string Text, int Holes, Regex Pattern);

/// <summary>
/// Every <c>KernelResult.Fail</c> and <c>Odd</c> of the host, read from its source, so that a run can tell which were
/// reached and a test can demand that each names values.
/// </summary>
internal static class RefusalCatalog
{
    public static IReadOnlyList<Refusal> Read()
    {
        string folder = Path.Combine(RepositoryRoot(), "src", "VfioSharp.Host");
        var refusals = new List<Refusal>();
        foreach (string file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            SyntaxTree tree = CSharpSyntaxTree.ParseText(File.ReadAllText(file));
            foreach (InvocationExpressionSyntax call in tree.GetRoot().DescendantNodes().OfType<InvocationExpressionSyntax>())
            {
                if (call.Expression.ToString() is not ("KernelResult.Fail" or "KernelResult.Odd")) continue;
                string place = $"{Path.GetRelativePath(folder, file)}:{call.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";
                ArgumentSyntax errno = call.ArgumentList.Arguments[0], reason = call.ArgumentList.Arguments[1];
                refusals.AddRange(Sentences(reason.Expression).Select(sentence => Describe(place, errno.ToString(), sentence)));
            }
        }

        return refusals;
    }

    private static string RepositoryRoot([CallerFilePath] string here = "")
    {
        string? folder = Path.GetDirectoryName(here);
        while (folder is not null && !File.Exists(Path.Combine(folder, "global.json"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests' source is not in the repository any more");
    }

    // A reason may be chosen by a condition: each branch is a sentence. Anything else is one whose text is not constant.
    private static IEnumerable<ExpressionSyntax> Sentences(ExpressionSyntax expression) => expression switch
    {
        ConditionalExpressionSyntax choice => Sentences(choice.WhenTrue).Concat(Sentences(choice.WhenFalse)),
        ParenthesizedExpressionSyntax inner => Sentences(inner.Expression),
        SwitchExpressionSyntax choice => choice.Arms.SelectMany(arm => Sentences(arm.Expression)),
        _ => [expression],
    };

    private static Refusal Describe(string place, string errno, ExpressionSyntax sentence)
    {
        var text = new StringBuilder();
        var pattern = new StringBuilder("^");
        int holes = 0;
        if (sentence is InterpolatedStringExpressionSyntax interpolated)
        {
            foreach (InterpolatedStringContentSyntax part in interpolated.Contents)
            {
                if (part is InterpolatedStringTextSyntax fixedText)
                {
                    string value = fixedText.TextToken.ValueText;
                    text.Append(value);
                    pattern.Append(Regex.Escape(value));
                }
                else
                {
                    holes++;
                    text.Append("{}");
                    pattern.Append("(.+?)");
                }
            }
        }
        else if (sentence is LiteralExpressionSyntax literal)
        {
            text.Append(literal.Token.ValueText);
            pattern.Append(Regex.Escape(literal.Token.ValueText));
        }
        else
        {
            // A reason handed on from elsewhere: counted where it was made.
            holes = 1;
            text.Append(sentence);
            pattern.Append("(?!)");
        }

        return new Refusal(place, errno.Replace("Errno.", "", StringComparison.Ordinal), text.ToString(), holes, new Regex(pattern.Append('$').ToString(), RegexOptions.Singleline | RegexOptions.CultureInvariant));
    }
}
