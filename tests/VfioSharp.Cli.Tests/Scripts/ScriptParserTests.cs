// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Scripts;

namespace VfioSharp.Cli.Tests.Scripts;

public sealed class ScriptParserTests
{
    [Theory]
    [InlineData("")]
    [InlineData("  \t ")]
    [InlineData("# a comment")]
    [InlineData("   # a comment")]
    public void ParseLine_without_operation_gives_nothing(string text) => Assert.Null(ScriptParser.ParseLine(1, text));

    [Fact]
    public void Parse_counts_blank_lines_and_comments() =>
        Assert.Equal([2, 4], ScriptParser.Parse("# title\ncontainer c\n\nclose c\n").Select(line => line.Number));

    [Fact]
    public void ParseLine_splits_positional_words_and_options()
    {
        ScriptLine line = ScriptParser.ParseLine(1, "mem b 4P align=64K kind=shared\r")!;
        Assert.Equal("mem", line.Operation);
        Assert.Equal(["b", "4P"], line.Positional);
        Assert.Equal("64K", line.Option("align"));
        Assert.Equal("shared", line.Option("kind"));
        Assert.Null(line.Option("prot"));
    }

    [Fact]
    public void ParseLine_comment_ends_the_line() =>
        Assert.Equal(["a"], ScriptParser.ParseLine(1, "close a # b c")!.Positional);

    [Fact]
    public void ParseLine_hash_inside_a_word_is_text() =>
        Assert.Equal(["a#b"], ScriptParser.ParseLine(1, "close a#b")!.Positional);

    [Fact]
    public void ParseLine_quotes_group_and_vanish()
    {
        ScriptLine line = ScriptParser.ParseLine(1, "sh \"/freeze edu1 3\" x\"y z\"w \"\" k=\"a b\"")!;
        Assert.Equal(["/freeze edu1 3", "xy zw", ""], line.Positional);
        Assert.Equal("a b", line.Option("k"));
    }

    [Fact]
    public void ParseLine_first_of_two_options_counts() =>
        Assert.Equal("1", ScriptParser.ParseLine(1, "raw d v0 val=1 val=2")!.Option("val"));

    [Theory]
    [InlineData("=5")]
    [InlineData("a|b=5")]
    [InlineData("$a=5")]
    public void ParseLine_word_without_a_plain_key_is_positional(string word) =>
        Assert.Equal([word], ScriptParser.ParseLine(1, "let " + word)!.Positional);

    [Fact]
    public void ParseLine_keeps_only_the_key_of_an_option_among_the_words() =>
        Assert.Equal(["echo", "a", "b", "c"], ScriptParser.ParseLine(1, "echo a b=2 c")!.Words);

    [Fact]
    public void ForChild_makes_the_first_positional_word_the_operation()
    {
        ScriptLine line = ScriptParser.ParseLine(7, "child reg_mem c $b 64K flags=1")!.ForChild();
        Assert.Equal("reg_mem", line.Operation);
        Assert.Equal(["c", "$b", "64K"], line.Positional);
        Assert.Equal("1", line.Option("flags"));
        Assert.Equal(7, line.Number);
    }
}
