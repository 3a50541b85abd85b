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
    /// <summary>Stands for an errno that the place does not fix itself.</summary>
    public const string Any = "any errno";

    public static IReadOnlyList<Refusal> Read()
    {
        string folder = Path.Combine(RepositoryRoot(), "src", "VfioSharp.Host");
        var refusals = new List<Refusal>();
        foreach (string file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            SyntaxTree tree = CSharpSyntaxTree.ParseText(File.ReadAllText(file));
            foreach (InvocationExpressionSyntax call in tree.GetRoot().DescendantNodes().OfType<InvocationExpressionSyntax>())
            {
                bool direct = call.Expression.ToString() is "KernelResult.Fail" or "KernelResult.Odd";
                if (!direct && call.Expression.ToString() != "Refuse") continue;
                string place = $"{Path.GetRelativePath(folder, file)}:{call.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";

                // A file's own Refuse adds the errno and perhaps the call's name: its sentence is the end of what is said.
                string errno = direct ? call.ArgumentList.Arguments[0].ToString() : Any;
                ExpressionSyntax reason = call.ArgumentList.Arguments[direct ? 1 : 0].Expression;
                refusals.AddRange(Sentences(reason).Where(IsSaidHere).Select(sentence => Describe(place, errno, sentence)));
            }
        }

        return refusals;
    }

    internal static string RepositoryRoot([CallerFilePath] string here = "")
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

    // Not a variable handed on, alone or behind a prefix of holes: that is counted where it was made.
    private static bool IsSaidHere(ExpressionSyntax sentence) => sentence switch
    {
        LiteralExpressionSyntax => true,
        InterpolatedStringExpressionSyntax text => text.Contents.OfType<InterpolatedStringTextSyntax>().Any(part => part.TextToken.ValueText.Any(char.IsLetter)),
        _ => false,
    };

    private static Refusal Describe(string place, string errno, ExpressionSyntax sentence)
    {
        var text = new StringBuilder();
        var pattern = new StringBuilder(errno == Any ? "" : "^");
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
        else
        {
            string value = ((LiteralExpressionSyntax)sentence).Token.ValueText;
            text.Append(value);
            pattern.Append(Regex.Escape(value));
        }

        return new Refusal(place, errno.Replace("Errno.", "", StringComparison.Ordinal), text.ToString(), holes, new Regex(pattern.Append('$').ToString(), RegexOptions.Singleline | RegexOptions.CultureInvariant));
    }
}
