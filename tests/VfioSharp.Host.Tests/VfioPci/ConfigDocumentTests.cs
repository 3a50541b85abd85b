// SPDX-License-Identifier: MIT
using System.Text;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Tests.Fuzz;
using VfioSharp.Host.VfioPci;
using VfioSharp.Pci;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>The table of docs/config-space.md is the one of the code.</summary>
public sealed class ConfigDocumentTests
{
    private const string Start = "<!-- permissions -->\n";
    private const string End = "<!-- end of permissions -->";

    [Fact]
    public void Permission_table_of_the_document_is_that_of_the_code()
    {
        string document = File.ReadAllText(Path.Combine(RefusalCatalog.RepositoryRoot(), "docs", "config-space.md"));
        int start = document.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        string written = document[start..document.IndexOf(End, StringComparison.Ordinal)];
        string table = Table();
        Assert.True(table == written, "docs/config-space.md, between the marks, should be:\n" + table);
    }

    private static string Table()
    {
        var text = new StringBuilder("| capability | offset | virtual | writable | reads | writes |\n|---|---|---|---|---|---|\n");
        Add(text, "header", ConfigPermissions.Header, 0x40);
        foreach (PciCapabilityId id in Enum.GetValues<PciCapabilityId>())
        {
            if (id != PciCapabilityId.Msi) Add(text, id.ToString(), ConfigPermissions.Of(id), 0x40);
        }

        Add(text, "Msi, 64 bits and masks", ConfigPermissions.OfMsi(PciMsi.Flags64Bit | PciMsi.FlagsMaskbit), 0x40);
        Add(text, "extended: error reporting", ConfigPermissions.OfExtended(PciExtCapId.Err), 0x40);
        Add(text, "extended: power budgeting", ConfigPermissions.OfExtended(PciExtCapId.Pwr), 0x40);
        Add(text, "extended: vendor, DVSEC", ConfigPermissions.OfExtended(PciExtCapId.Vndr), 0x40);
        Add(text, "extended: any other", ConfigPermissions.OfExtended(PciExtCapId.Acs), 0x40);
        Add(text, "no capability", ConfigPermissions.Unassigned, 0x40);
        return text.ToString();
    }

    // Words without any bit are left out: reads give the hardware's, writes vanish.
    private static void Add(StringBuilder text, string name, ConfigPermissions table, int length)
    {
        bool hasBits = false;
        for (int offset = 0; offset < length; offset += 4)
        {
            (uint isVirtual, uint writable) = (table.VirtualBits(offset, 4), table.WritableBits(offset, 4));
            if ((isVirtual | writable) == 0) continue;
            hasBits = true;
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {name} | 0x{offset:x2} | `{isVirtual:x8}` | `{writable:x8}` | {table.Reading} | {table.Writing} |\n");
        }

        if (!hasBits) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {name} | | | | {table.Reading} | {table.Writing} |\n");
    }
}
