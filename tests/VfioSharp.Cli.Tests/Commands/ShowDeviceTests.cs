// SPDX-License-Identifier: MIT
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using VfioSharp.Cli.Commands;

namespace VfioSharp.Cli.Tests.Commands;

public sealed class ShowDeviceTests
{
    [Fact]
    public void Device_is_found_by_alias_and_by_address() => Assert.Equal(Show("edu0"), Show("0000:03:00.0"));

    [Fact]
    public void Json_tells_regions_and_interrupts_as_VFIO_does()
    {
        using JsonDocument document = JsonDocument.Parse(Show("edu0", "--json"));
        JsonElement bar = document.RootElement.GetProperty("regions")[0];
        Assert.Equal("BAR 0", bar.GetProperty("name").GetString());
        Assert.Equal(0x100000, bar.GetProperty("size").GetInt64());
        Assert.Equal("INTx", document.RootElement.GetProperty("interrupts")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void Capabilities_that_vfio_pci_hides_are_marked()
    {
        // igb0's capability of alternative routing ids, which users see, becomes one of PASIDs, which they do not.
        JsonNode machine = JsonNode.Parse(MachineChoice.ReadReady("x86"))!;
        JsonNode igb = machine["devices"]!.AsArray().First(device => (string?)device!["address"] == "0000:07:00.0")!;
        string config = (string)igb["config"]!;
        Assert.Equal("0e00", config.Substring(0x150 * 2, 4));
        igb["config"] = config[..(0x150 * 2)] + "1b00" + config[((0x150 * 2) + 4)..];
        string file = Path.GetTempFileName();
        File.WriteAllText(file, machine.ToJsonString());
        try
        {
            string text = Show("igb0", "--machine", file);
            Assert.Contains("[150] PASID (hidden by vfio-pci)", text, StringComparison.Ordinal);
            Assert.Contains("[160] SR-IOV: ", text, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Bridge_is_told_to_be_no_device_for_vfio_pci() =>
        Assert.Contains("blocked    vfio-pci takes no bridge", Show("rp1"), StringComparison.Ordinal);

    [Fact]
    public void Unknown_device_is_refused_with_a_remedy()
    {
        using StringWriter output = new();
        using StringWriter error = new();
        Assert.Equal(ExitCodes.Usage, VfioTool.Run(["show", "nosuch0"], output, error));
        Assert.Contains("remedy: ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Config_is_what_lspci_prints_of_it()
    {
        string file = Path.GetTempFileName();
        string config = Show("--config");
        File.WriteAllText(file, config);
        try
        {
            using Process? lspci = Start(file);
            Assert.SkipWhen(lspci is null, "lspci is missing (package pciutils)");
            string printed = lspci!.StandardOutput.ReadToEnd();
            lspci.WaitForExit();
            Assert.Equal(Rows(config), Rows(printed));
        }
        finally
        {
            File.Delete(file);
        }
    }

    // Headings without names: lspci may have another pci.ids.
    private static IEnumerable<string> Rows(string text) =>
        text.Split('\n').Select(line => line.Length > 4 && line[2] == ':' && line[3] != ' ' ? line[..7] : line);

    private static Process? Start(string file)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("lspci", ["-F", file, "-xxxx"]) { RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static string Show(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        Assert.Equal(ExitCodes.Success, VfioTool.Run(["show", .. arguments], output, error));
        return output.ToString();
    }
}
