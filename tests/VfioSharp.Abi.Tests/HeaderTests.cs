// SPDX-License-Identifier: MIT
using System.Globalization;

namespace VfioSharp.Abi.Tests;

/// <summary>The assembly against the C headers of this machine, by assertions that gcc compiles.</summary>
public sealed class HeaderTests
{
    private static readonly Version s_oldest = new(6, 1);
    private static readonly Version s_newest = new(7, 2);

    /// <summary>Names that headers have or had, and this library does not, each with its reason.</summary>
    private static readonly Dictionary<string, string> s_leftOut = new()
    {
        ["VFIO_TYPE1_NESTING_IOMMU"] = "renamed to __VFIO_RESERVED_TYPE1_NESTING_IOMMU",
    };

    [Fact]
    public void Header_agrees_with_every_name_it_has()
    {
        var headers = Headers();
        var known = AbiCatalog.Facts.Where(headers.Have).ToList();
        // A value that grew is newer than the name: it is compared from the version that has it.
        var compared = known.Where(fact => fact.Since is null || fact.Since <= headers.Version).ToList();
        var disagreements = CCompiler.Check(string.Concat(compared.Select(fact => fact.Assertion)));
        Assert.True(disagreements.Length == 0, disagreements);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{compared.Count} of {AbiCatalog.Facts.Count} facts compared with the headers of Linux {headers.Version}; the others are newer and compared with Golden.txt."));
    }

    [Fact]
    public void Header_that_disagrees_is_noticed()
    {
        _ = Headers();
        Assert.Contains("static assertion failed",
            CCompiler.Check(new AbiFact(AbiFactKind.Size, "vfio_group_status", "", 12, 0, "", null).Assertion), StringComparison.Ordinal);
    }

    [Fact]
    public void Header_has_every_name_that_is_not_marked_as_newer()
    {
        var headers = Headers();
        Assert.SkipUnless(headers.Version >= s_oldest && headers.Version <= s_newest,
            $"The headers are of Linux {headers.Version}: names are complete for {s_oldest} to {s_newest}.");
        var unmarked = AbiCatalog.Facts.Where(fact => fact.Since is null && fact.Kind != AbiFactKind.Size);
        Assert.All(unmarked, fact => Assert.True(headers.Have(fact), fact.GoldenLine));
    }

    [Fact]
    public void Every_name_of_vfio_and_iommufd_headers_has_a_counterpart()
    {
        var headers = Headers();
        Assert.SkipUnless(headers.Version <= s_newest, $"The headers are of Linux {headers.Version}, newer than {s_newest}.");
        var stated = AbiCatalog.Facts.SelectMany(fact => new[] { fact.Name, $"{fact.Name}.{fact.Member}" });
        var names = headers.Constants.Where(constant => constant.Value != "pci_regs.h").Select(constant => constant.Key)
            .Concat(headers.Structures.Keys)
            .Concat(headers.Structures.SelectMany(structure => structure.Value.Select(member => $"{structure.Key}.{member}")))
            .ToList();
        // A reader that finds nothing would agree with everything.
        Assert.Contains("VFIO_IOMMU_MAP_DMA", names);
        Assert.Contains("VFIO_PCI_MSIX_IRQ_INDEX", names);
        Assert.Contains("vfio_eeh_pe_op.err", names);
        Assert.Empty(names.Except(stated).Except(s_leftOut.Keys));
    }

    private static CHeaders Headers()
    {
        Assert.SkipWhen(CCompiler.WhyNot is not null, CCompiler.WhyNot ?? "");
        return CHeaders.Read();
    }
}
