// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Tests.Fuzz;

public sealed class RefusalTests
{
    [Fact]
    public void Every_refusal_names_the_values_that_caused_it()
    {
        IReadOnlyList<Refusal> refusals = RefusalCatalog.Read();
        Assert.True(refusals.Count > 100, $"only {refusals.Count} refusals were found: is the source where the test looks for it?");
        string[] bare = [.. refusals.Where(refusal => refusal.Holes == 0 && !NamesAValue(refusal.Text)).Select(refusal => $"{refusal.Place} {refusal.Errno}: {refusal.Text}")];
        Assert.True(bare.Length == 0, "these name no value:\n" + string.Join('\n', bare));
    }

    [Fact]
    public void Every_refusal_is_one_sentence_for_a_person()
    {
        string[] bad = [.. RefusalCatalog.Read().Where(refusal => refusal.Text.Length < 15 || refusal.Text.EndsWith('.') || refusal.Text.Contains('\n')).Select(refusal => $"{refusal.Place}: {refusal.Text}")];
        Assert.True(bad.Length == 0, string.Join('\n', bad));
    }

    // A constant sentence is good enough when the one value that matters is constant too, and is in it.
    private static bool NamesAValue(string text) => text.Any(char.IsAsciiDigit);
}
