// SPDX-License-Identifier: MIT
using System.CommandLine;
using VfioSharp.Cli.Scripts;
using VfioSharp.Devices;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Pci;

namespace VfioSharp.Cli.Commands;

/// <summary>The machine a command works on: a file, or one of the ready ones by name.</summary>
internal static class MachineChoice
{
    private const string Default = "x86";

    /// <summary>The <c>--machine</c> option.</summary>
    public static Option<string> CreateOption() => new("--machine", "-m")
    {
        Description = "The machine: a file, or a ready one by name.",
        HelpName = "FILE|NAME",
        DefaultValueFactory = _ => Default,
    };

    /// <summary>Reads the machine that the option names.</summary>
    public static MachineDescription Load(string? choice)
    {
        string wanted = choice ?? Default;
        byte[]? ready = ReadReady(wanted);
        if (ready is null && !File.Exists(wanted))
            throw CommandFailure.Usage($"there is no machine '{wanted}'", $"name a machine file, or one of: {string.Join(", ", ReadyNames())}");
        try
        {
            return ready is null ? MachineFile.Load(wanted, DeviceCatalog.Default) : MachineFile.Parse(ready, wanted, DeviceCatalog.Default);
        }
        catch (MachineFormatException problem)
        {
            throw CommandFailure.Usage(problem.Message, "docs/machines.md describes the format; machines/x86.json is a complete example");
        }
    }

    /// <summary>Builds a fresh host of a machine.</summary>
    public static SoftwareHost Start(MachineDescription machine) => new(MachinePlatform.Create(machine, DeviceCatalog.Default));

    /// <summary>The aliases that scripts use.</summary>
    public static ScriptMachine Aliases(MachineDescription machine) =>
        new([.. machine.Aliases.Select(alias => new KeyValuePair<string, PciAddress>(alias.Name, alias.Address))]);

    /// <summary>A ready machine's file, which is in the tool; null when there is none of that name.</summary>
    internal static byte[]? ReadReady(string name)
    {
        using Stream? stream = typeof(MachineChoice).Assembly.GetManifestResourceStream(name);
        if (stream is null) return null;
        byte[] json = new byte[stream.Length];
        stream.ReadExactly(json);
        return json;
    }

    private static IEnumerable<string> ReadyNames() => typeof(MachineChoice).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal);
}
