// SPDX-License-Identifier: MIT
using VfioSharp.Host;

namespace VfioSharp.Supervisor.Tests;

public sealed class ScriptTests
{
    private const string MapScript =
        """
        container c
        group g edu0
        group_status g
        set_container g c
        set_iommu c 3
        mem b 4P
        map c rw $b 0x100000 4P
        map c rw $b 0x100000 4P
        device d g edu0
        dev_info d
        unmap c 0x100000 4P
        close d
        close g
        close c

        """;

    public ScriptTests() => TestPrograms.Require();

    [Fact]
    public void A_program_opens_maps_and_is_refused_as_on_linux()
    {
        using SoftwareHost host = TestMachine.Start();
        List<string> explained = [];
        List<string> reports = [];
        ProgramRun run = ProgramRun.Script(host, MapScript, new RunOptions { Explain = explained.Add, Report = reports.Add });
        TestContext.Current.TestOutputHelper!.WriteLine(run.Output + string.Join('\n', explained) + string.Join('\n', reports));
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("8 map: -EEXIST", run.Output, StringComparison.Ordinal);
    }
}
