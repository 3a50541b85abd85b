// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Globalization;
using VfioSharp.Devices;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
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

    /// <summary>Its device with a BAR of plain memory, 2.</summary>
    public const string MemoryDevice = "ivshmem0";

    /// <summary>A fresh host.</summary>
    public static SoftwareHost Start() => new(new X86Platform(s_machine.Value, DeviceCatalog.Default));

    /// <summary>A fresh host whose device with memory is of the model <c>ram</c>, with a BAR 4 that is memory behind registers.</summary>
    public static SoftwareHost StartWithMemory() => StartChanged(device =>
    {
        byte[] config = new byte[256];
        device.Config.CopyTo(config);
        BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(0x20), 0xfeb80000);
        return device with { Model = "ram", Config = config, Bars = [.. device.Bars, new PciBar(4, 0xfeb80000, 0x20000, 0x40200)] };
    });

    /// <summary>A fresh host whose device with memory has registers there that keep what is written: no program maps them as memory.</summary>
    public static SoftwareHost StartWithRegisters() => StartChanged(device => device with
    {
        MemoryBars = [],
        Registers = [new RegisterDescription(2, 0, new byte[0x100000], Writable: true)],
    });

    private static SoftwareHost StartChanged(Func<DeviceDescription, DeviceDescription> change) => new(new X86Platform(
        s_machine.Value with { Devices = [.. s_machine.Value.Devices.Select(device => device.Alias == MemoryDevice ? change(device) : device)] },
        DeviceCatalog.Default));

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
