// SPDX-License-Identifier: MIT
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace VfioSharp.Cli.Commands;

/// <summary>The usual help, then examples of the command and what its exit codes mean.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string> Examples = new(StringComparer.Ordinal)
    {
        ["vfio"] = """
              vfio demo                                   the main job, step by step
              vfio show                                   devices, groups and drivers of the built-in machine
              vfio run -- ./my-vfio-program               an unmodified program on the software host
              vfio script first.vfio                      run a scenario

            Shell completion: "vfio [suggest:POSITION] LINE" prints what may come next; with the dotnet-suggest tool
            installed and this tool registered there, bash, zsh and PowerShell ask it.
            """,
        ["demo"] = """
              vfio demo
              vfio demo --guest --machine pseries-4k      a guest with assigned devices, to hot-plug
              vfio demo --json | jq '.steps[] | select(.ok | not)'

            Exit code 1 says that a step did not give what it should.
            """,
        ["run"] = """
              vfio run -- ./my-vfio-program 0000:03:00.0
              vfio run --explain -- ./my-vfio-program     each refusal with its reason and the remedy, on standard error
              vfio run --trace - -- ./my-vfio-program     every VFIO call, decoded
              vfio run --trace run.json -- ./my-program   the same to look at in ui.perfetto.dev; run.jsonl for jq
              vfio run --stats -- ./my-vfio-program       what it amounted to
              vfio run --machine lab.json -- sh           every program started in that shell
              vfio run --host default -- ./other-program  beside other programs, on a host that was started

            The exit code is the program's.
            """,
        ["host"] = """
              vfio host start --detach                    a host that several programs use at once
              vfio run --host default -- ./my-vfio-program &
              vfio host status
              vfio host detach edu0                       the program hears REQ; waits until it lets go
              vfio host attach edu0
              vfio host stop
            """,
        ["host start"] = """
              vfio host start                             in the foreground; Ctrl-C ends it
              vfio host start --detach                    returns when it can be used
              vfio host start --name power --machine pseries --detach
            """,
        ["host status"] = """
              vfio host status
              vfio host status --name power --json | jq '.groups[] | select(.openedBy)'
            """,
        ["host inject"] = """
              vfio host inject irq edu0
              vfio host inject irq nvme0 --vector 3
              vfio host inject error nvme0
              vfio host inject fault edu0 --iova 0x100000
            """,
        ["doctor"] = """
              vfio doctor
              vfio doctor --json | jq '.checks[] | select(.state != "Ok")'

            Exit code 3 says that vfio run does not work here.
            """,
        ["limits"] = """
              vfio limits --guest 64G
              vfio limits --machine pseries --guest 64G --page-size 2M --groups 2
              vfio limits --machine powernv --guest 1T --window 2T --levels 3 --json
            """,
        ["show"] = """
              vfio show
              vfio show --machine lab.json
              vfio show --json | jq '.groups[] | select(.viable)'
              vfio show nvme0                             one device, by alias or address: everything about it
              vfio show 0000:03:00.0 --json
              vfio show --machine pseries --windows --eeh
              vfio show --config > machine.txt            as lspci -xxxx prints it: lspci -vvv -F machine.txt
            """,
        ["snapshot"] = """
              lspci -xxxx -vvv > lab.txt                  on the real machine, as root
              vfio snapshot lab.txt --output lab.json
              vfio show --machine lab.json

            Notes on standard error tell what could not be taken over.
            """,
        ["script"] = """
              printf 'container c\napi_version c\n' > first.vfio && vfio script first.vfio
              vfio script first.vfio --machine lab.json
              vfio script - < first.vfio

            The language is described in tests/conformance/LANGUAGE.md.
            """,
        ["guest-trace"] = """
              vfio guest-trace tests/conformance/guest/pseries-linux-7.2-ddw.trace.gz
              qemu-system-ppc64 -M pseries -trace 'spapr_*' … 2> guest.trace; vfio guest-trace guest.trace

            The last line counts what was checked, what only prepares (input) and what is no such event (ignored), by kind.
            Exit code 1 when an answer differs, or nothing was checked.
            """,
        ["conformance"] = """
              vfio conformance --scenarios tests/conformance/scenarios/x86 --answers tests/conformance/answers/x86/x86
              vfio conformance --scenarios S --answers A --filter 'map-*,unmap-*'
              vfio conformance --scenarios S --answers A --later tests/conformance/x86/later.txt
              vfio conformance --scenarios S --answers A --through run --runner ./vfio-script

            The last line is "scenarios: A of B identical, lines: C of D identical".
            """,
    };

    /// <summary>Puts this help in the place of the usual one.</summary>
    public static void Install(RootCommand root)
    {
        foreach (Option option in root.Options)
            if (option is HelpOption { Action: HelpAction usual })
                option.Action = new HelpWithExamples(usual);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int result = help.Invoke(parseResult);
        Command command = parseResult.CommandResult.Command;
        TextWriter output = parseResult.InvocationConfiguration.Output;
        bool isNested = parseResult.CommandResult.Parent is CommandResult { Command: not RootCommand };
        string name = command is RootCommand ? "vfio" : isNested ? $"{((CommandResult)parseResult.CommandResult.Parent!).Command.Name} {command.Name}" : command.Name;
        if (Examples.TryGetValue(name, out string? examples))
        {
            output.WriteLine("Examples:");
            output.WriteLine(examples);
            output.WriteLine();
        }

        if (name != "run")
            output.WriteLine("Exit codes: 0 done, 1 failed, 2 wrong command line or file, 3 this computer lacks something.");
        return result;
    }
}
