// SPDX-License-Identifier: MIT
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Pci;

namespace VfioSharp.Devices.Tests;

// Machines and devices for tests.
internal static class Machine
{
    public static string Folder { get; } = FindFolder();

    public static string X86File => Path.Combine(Folder, "x86.json");

    public static DeviceDescription Device(string model, string config, int configSize = 256, params PciBar[] bars) => new(
        model, new PciAddress(0, 3, 0, 0), "dut", "vfio-pci", Convert.FromHexString(config), configSize, bars,
        [PciResetMethod.Bus], ConfigEmulation.Qemu, [], []);

    public static DeviceDescription Edu() => Device(
        "edu",
        "3412e811030110001000ff00000000000000a0fe" + new string('0', 48) + "f41a0011" + "0000000040000000000000000b010000050080",
        256,
        new PciBar(0, 0xfea00000, 0x100000, 0x40200));

    private static string FindFolder()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string machines = Path.Combine(folder, "machines");
            if (File.Exists(Path.Combine(machines, "x86.json"))) return machines;
        }

        throw new DirectoryNotFoundException($"no machines/x86.json above {AppContext.BaseDirectory}");
    }
}
