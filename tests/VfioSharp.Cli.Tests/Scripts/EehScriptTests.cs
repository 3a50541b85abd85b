// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Scripts;
using VfioSharp.Host;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Machines;

namespace VfioSharp.Cli.Tests.Scripts;

/// <summary>Errors and recovery on the recorded machines, whole, with hardware that acts as real one does.</summary>
public sealed class EehScriptTests
{
    private const string Open = """
        container c
        group g edu1
        set_container g c
        set_iommu c 7
        device d g edu1
        wr d 7 4 2 6
        mmap m d 0 0 64K

        """;

    // edu's registers are big-endian here: from 0x1000, where nothing is mapped, to its buffer, 32 bytes.
    private const string RefusedDma = """
        st m 0x80 8 0x0010000000000000
        st m 0x88 8 0x0000040000000000
        st m 0x90 8 0x2000000000000000
        st m 0x98 8 0x0100000000000000

        """;

    [Fact]
    public void PowerNv_freezes_on_refused_dma_and_a_guest_recovers_it()
    {
        string[] answers = Run("powernv9-64k", Open + RefusedDma + """
            pollmem m 0x98 8 -1 -1 10000
            eeh c 4
            rd d 0 0 4
            wr d 0 4 4 0x12345678
            rd d 7 0 4
            eeh c 2
            eeh c 4
            ld m 0 4
            eeh c 6
            rd d 7 4 2
            eeh c 5
            eeh c 4
            eeh c 8
            rd d 0 0 4
            rd d 0 4 4
            """);
        Assert.Equal(
            [
                "pollmem: hit", "eeh: 0x2", "rd: 0x4 data=ffffffff", "wr: 0x4", "rd: 0x4 data=3412e811", "eeh: 0", "eeh: 0x4",
                "ld: 0 val=0xed000001", "eeh: 0", "rd: -ENODEV", "eeh: 0", "eeh: 0", "eeh: 0", "rd: 0x4 data=010000ed", "rd: 0x4 data=00000000",
            ],
            answers[^15..]);
    }

    [Fact]
    public void PSeries_tells_the_device_of_refused_dma_and_freezes_nothing()
    {
        string[] answers = Run("pseries-64k", Open + RefusedDma + """
            pollmem m 0x98 8 0x0100000000000000 0 10000
            eeh c 4
            """);
        Assert.Equal(["pollmem: hit", "eeh: 0"], answers[^2..]);
    }

    [Fact]
    public void PSeries_with_firmware_that_has_EEH_recovers_an_injected_error()
    {
        string[] answers = Run("pseries-64k", Open + """
            check_ext c 5
            eeh c 1
            eeh c 4
            eeh c 9 type=0 func=0
            eeh c 4
            rd d 0 0 4
            eeh c 2
            eeh c 6
            eeh c 4
            rd d 7 4 2
            eeh c 5
            eeh c 8
            eeh c 4
            rd d 0 0 4
            """);
        Assert.Equal(
            [
                "check_ext: 0x1", "eeh: 0", "eeh: 0", "eeh: 0", "eeh: 0x2", "rd: 0x4 data=ffffffff", "eeh: 0", "eeh: 0", "eeh: 0x1",
                "rd: -EIO", "eeh: 0", "eeh: 0", "eeh: 0", "rd: 0x4 data=010000ed",
            ],
            answers[^14..]);
    }

    [Fact]
    public void Functions_of_one_endpoint_freeze_together()
    {
        string[] answers = Run("powernv9-64k", """
            container c
            group g conv0
            set_container g c
            set_iommu c 7
            device d g conv0
            device e g conv1
            wr d 7 4 2 2
            wr e 7 4 2 2
            sh "/freeze conv1 1"
            rd d 0 0 4
            rd e 0 0 4
            close e
            eeh c 4
            rd d 0 0 4
            """);
        Assert.Equal(["sh: 0", "rd: 0x4 data=ffffffff", "rd: 0x4 data=ffffffff", "close: 0", "eeh: 0", "rd: 0x4 data=010000ed"], answers[^6..]);
    }

    [Fact]
    public void Endpoint_that_nobody_has_open_is_recovered_by_the_host_at_once()
    {
        string[] answers = Run("powernv9-64k", """
            container c
            group g edu1
            set_container g c
            set_iommu c 7
            sh "/freeze edu1 3"
            eeh c 4
            device d g edu1
            """);
        Assert.Equal(["sh: 0", "eeh: 0", "device: fd"], answers[^3..]);
    }

    [Theory]
    [InlineData("sh \"/freeze edu1 4\"", "sh: 1")]
    [InlineData("sh \"/freeze nobody 3\"", "sh: 1")]
    [InlineData("sh \"/freeze edu1\"", "sh: 127")]
    [InlineData("sh \"ls /\"", "sh: 127")]
    public void Shell_does_nothing_but_a_well_formed_freeze(string line, string answer) =>
        Assert.Equal(answer, Run("powernv9-64k", line)[^1]);

    private static string[] Run(string machine, string script)
    {
        MachineDescription description = MachineChoice.Load(machine) with { Eeh = EehBehaviour.Hardware };
        using SoftwareHost host = MachineChoice.Start(description);
        using SoftwareProcess process = host.CreateProcess("script");
        StringWriter output = new();
        new ScriptRunner(process, MachineChoice.Aliases(description), output).Run(ScriptParser.Parse(script));
        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..])];
    }
}
