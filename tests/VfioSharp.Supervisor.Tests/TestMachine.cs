// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Devices;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;

namespace VfioSharp.Supervisor.Tests;

/// <summary>The recorded x86 machine.</summary>
internal static class TestMachine
{
    private static readonly Lazy<MachineDescription> s_machine = new(() => MachineFile.Load(Path.Combine(TestPrograms.Root, "machines/x86.json")));

    private static readonly Lazy<string> s_aliases = new(() =>
    {
        string file = Path.Combine(AppContext.BaseDirectory, "machine.txt");
        File.WriteAllLines(file, s_machine.Value.Aliases.Select(alias => string.Create(CultureInfo.InvariantCulture, $"dev {alias.Name} {alias.Address}")));
        return file;
    });

    /// <summary>A fresh host.</summary>
    public static SoftwareHost Start() => new(new X86Platform(s_machine.Value, DeviceCatalog.Default));

    /// <summary>The address of a device by its alias.</summary>
    public static string AddressOf(string alias) => s_machine.Value.Aliases.First(entry => entry.Name == alias).Address.ToString();

    /// <summary>The node of a device's group.</summary>
    public static string GroupNodeOf(string alias)
    {
        X86Platform platform = new(s_machine.Value, DeviceCatalog.Default);
        return string.Create(CultureInfo.InvariantCulture, $"/dev/vfio/{platform.GroupOf(platform.FindAlias(alias)!).Id}");
    }

    /// <summary>The runner's machine file: lines <c>dev ALIAS BDF</c>.</summary>
    public static string AliasFile => s_aliases.Value;
}
