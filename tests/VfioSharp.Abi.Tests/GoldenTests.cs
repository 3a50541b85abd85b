// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Tests;

/// <summary>The assembly against Golden.txt, the values recorded from the headers of Linux 7.2.</summary>
public sealed class GoldenTests
{
    private static string[] Golden()
    {
        using var reader = new StreamReader(typeof(GoldenTests).Assembly.GetManifestResourceStream("Golden.txt")!);
        return [.. reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#')];
    }

    [Fact]
    public void Every_public_structure_and_constant_has_its_recorded_value()
    {
        Assert.Empty(AbiCatalog.Facts.Select(fact => fact.GoldenLine).Except(Golden()));
    }

    [Fact]
    public void Every_recorded_value_has_a_structure_or_constant()
    {
        Assert.Empty(Golden().Except(AbiCatalog.Facts.Select(fact => fact.GoldenLine)));
    }

    [Fact]
    public void No_name_is_stated_twice_with_different_values() =>
        Assert.Empty(AbiCatalog.Facts.DistinctBy(fact => fact.GoldenLine)
            .GroupBy(fact => (fact.Kind, fact.Name, fact.Member)).Where(group => group.Count() > 1).Select(group => group.Key));

    [Fact]
    public void Every_type_states_something() =>
        Assert.All(AbiCatalog.PublicTypes(), type => Assert.NotEmpty(type.GetFields()));

    /// <summary>
    /// How Golden.txt is recorded: run with <c>--explicit only</c> and VFIOSHARP_HEADERS naming the include folder of
    /// Linux 7.2 (made by its <c>make headers_install</c>, or from its package linux-libc-dev).
    /// </summary>
    [Fact(Explicit = true)]
    public void Golden_file_is_what_the_headers_of_Linux_7_2_say()
    {
        Assert.Equal(new Version(7, 2), CHeaders.Read().Version);
        var printed = CCompiler.Execute(
            "int main(void) {\n" + string.Concat(AbiCatalog.Facts.Select(fact => fact.PrintStatement).Distinct()) + "}\n");
        var recorded = Path.Combine(AppContext.BaseDirectory, "Golden.recorded.txt");
        File.WriteAllText(recorded, printed);
        Assert.True(printed.Split('\n').Where(line => line.Length > 0).SequenceEqual(Golden()), $"Golden.txt differs from {recorded}.");
    }
}
