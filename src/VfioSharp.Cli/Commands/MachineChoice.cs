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

    /// <summary>Where the ready machines lie.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "machines");

    /// <summary>Reads the machine that the option names.</summary>
    public static MachineDescription Load(string? choice)
    {
        string wanted = choice ?? Default;
        string ready = Path.Combine(Folder, wanted + ".json");
        bool isName = !wanted.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) && File.Exists(ready);
        string file = isName ? ready : wanted;
        if (!File.Exists(file))
            throw CommandFailure.Usage($"there is no machine '{wanted}'", $"name a machine file, or one of: {string.Join(", ", ReadyNames())}");
        try
        {
            return MachineFile.Load(file, DeviceCatalog.Default);
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

    private static IEnumerable<string> ReadyNames() => Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder, "*.json").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)
        : [];
}
