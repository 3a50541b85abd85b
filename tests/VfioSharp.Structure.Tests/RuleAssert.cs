// SPDX-License-Identifier: MIT
namespace VfioSharp.Structure.Tests;

/// <summary>Assertions that print all that breaks a rule, a line each.</summary>
internal static class RuleAssert
{
    /// <summary>Nothing breaks the rule.</summary>
    public static void None(IEnumerable<string> breaches)
    {
        var text = string.Join('\n', breaches);
        Assert.True(text.Length == 0, text);
    }
}
