// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Tests;

/// <summary>What a fact says about its C name.</summary>
internal enum AbiFactKind
{
    /// <summary>Bytes of a structure.</summary>
    Size,

    /// <summary>Offset and bytes of a member.</summary>
    Member,

    /// <summary>Value of a constant.</summary>
    Number,

    /// <summary>Text of a constant.</summary>
    Text,
}

/// <summary>One checkable statement of the assembly about the C headers.</summary>
/// <param name="Kind">What is stated.</param>
/// <param name="Name">C name of the structure or constant.</param>
/// <param name="Member">C name of the member, or empty.</param>
/// <param name="Value">Bytes of a structure, offset of a member, value of a constant.</param>
/// <param name="Bytes">Bytes of the member or of the constant's type.</param>
/// <param name="Text">Text of a text constant, or empty.</param>
/// <param name="Since">Linux version that first states it; null when 6.1 did.</param>
internal sealed record AbiFact(
    AbiFactKind Kind, string Name, string Member, ulong Value, int Bytes, string Text, Version? Since)
{
    /// <summary>C type to which a number is cast, so that negative and 64-bit masks compare as this library has them.</summary>
    private string CType => Bytes == 8 ? "__u64" : "__u32";

    /// <summary>The line of Golden.txt that this fact stands for.</summary>
    public string GoldenLine => Kind switch
    {
        AbiFactKind.Size => $"sizeof {Name} {Value}",
        AbiFactKind.Member => $"member {Name}.{Member} {Value} {Bytes}",
        AbiFactKind.Number => $"number {Name} {Value}",
        _ => $"text {Name} {Text}",
    };

    /// <summary>The C assertion that holds when the header agrees.</summary>
    public string Assertion => Kind switch
    {
        AbiFactKind.Size => Assert($"sizeof(struct {Name}) == {Value}"),
        AbiFactKind.Member => Assert($"__builtin_offsetof(struct {Name}, {Member}) == {Value}")
            + Assert($"sizeof(((struct {Name} *)0)->{Member}) == {Bytes}"),
        AbiFactKind.Number => Assert($"({CType})({Name}) == {Value}ULL"),
        _ => Assert($"__builtin_strcmp({Name}, \"{Text}\") == 0"),
    };

    /// <summary>The C statement that prints <see cref="GoldenLine"/> as the header has it.</summary>
    public string PrintStatement => Kind switch
    {
        AbiFactKind.Size => $"printf(\"sizeof {Name} %zu\\n\", sizeof(struct {Name}));\n",
        AbiFactKind.Member => $"printf(\"member {Name}.{Member} %zu %zu\\n\", __builtin_offsetof(struct {Name}, {Member}),"
            + $" sizeof(((struct {Name} *)0)->{Member}));\n",
        AbiFactKind.Number => $"printf(\"number {Name} %llu\\n\", (unsigned long long)({CType})({Name}));\n",
        _ => $"printf(\"text {Name} %s\\n\", {Name});\n",
    };

    private string Assert(string condition) => $"_Static_assert({condition}, \"{Name} {Member}\");\n";
}
