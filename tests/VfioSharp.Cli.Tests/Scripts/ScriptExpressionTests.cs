// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Scripts;

namespace VfioSharp.Cli.Tests.Scripts;

public sealed class ScriptExpressionTests
{
    private const int PageSize = 65536;

    private static readonly ScriptSymbols Symbols = MakeSymbols();

    [Theory]
    [InlineData("0", 0)]
    [InlineData("42", 42)]
    [InlineData("0x1f", 0x1f)]
    [InlineData("0X1F", 0x1f)]
    [InlineData("017", 15)]
    [InlineData("08", 0)]
    [InlineData("0x", 0)]
    [InlineData("2K", 2048)]
    [InlineData("3M", 3 << 20)]
    [InlineData("1G", 1 << 30)]
    [InlineData("2T", 2L << 40)]
    [InlineData("2P", 2 * PageSize)]
    [InlineData("-1", -1)]
    [InlineData("10-3", 7)]
    [InlineData("2+3*4", 20)]
    [InlineData("2*-3", -6)]
    [InlineData("-2+5", 3)]
    [InlineData("0xffffffffffffffff+2", 1)]
    [InlineData("99999999999999999999", -1)]
    [InlineData("seq", 0)]
    [InlineData("", 0)]
    [InlineData("5+", 5)]
    [InlineData("5+x", 5)]
    [InlineData("5x+1", 5)]
    [InlineData("$PAGE", PageSize)]
    [InlineData("$b", 0x10000)]
    [InlineData("$b+64K", 0x20000)]
    [InlineData("$v", 7)]
    [InlineData("$both", 9)]
    [InlineData("$nothing", 0)]
    [InlineData("$b-1", 0xffff)]
    [InlineData("@c", 5)]
    [InlineData("@nothing", -1)]
    public void Evaluate_is_what_the_recorded_runner_computes(string text, long expected) =>
        Assert.Equal((ulong)expected, ScriptExpression.Evaluate(text, Symbols, PageSize));

    [Fact]
    public void Evaluate_nothing_is_zero() => Assert.Equal(0UL, ScriptExpression.Evaluate(null, Symbols, PageSize));

    private static ScriptSymbols MakeSymbols()
    {
        ScriptSymbols symbols = new();
        symbols.SetMemory("b", new ScriptMemory(0x10000, 4096));
        symbols.SetVariable("v", 7);
        symbols.SetVariable("both", 9);
        symbols.SetMemory("both", new ScriptMemory(0x20000, 4096));
        symbols.SetDescriptor("c", 5);
        return symbols;
    }
}
