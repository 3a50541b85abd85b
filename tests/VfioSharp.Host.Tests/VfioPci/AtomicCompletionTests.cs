// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Devices;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Host.VfioPci;
using VfioSharp.Pci;

namespace VfioSharp.Host.Tests.VfioPci;

public sealed class AtomicCompletionTests
{
    // Device Capabilities 2: completes 32 and 64 bits.
    private const byte Comp32 = 0x80;
    private const byte Comp64 = 0x01;

    [Theory]
    [InlineData(Comp32, Comp64, Comp32, Comp64, VfioPciAtomicComp.Comp32 | VfioPciAtomicComp.Comp64)]
    [InlineData(Comp32, Comp64, Comp32, 0, VfioPciAtomicComp.Comp32)]
    [InlineData(Comp32, Comp64, 0, 0, 0u)]
    [InlineData(0, 0, Comp32, Comp64, 0u)]
    public void Widths_are_those_that_device_and_root_port_have(byte deviceLow, byte deviceHigh, byte rootLow, byte rootHigh, uint expected)
    {
        MachineDescription machine = MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "x86.json"));
        PciAddress igb = machine.Aliases.First(alias => alias.Name == "igb0").Address;
        var plain = new X86Platform(machine, DeviceCatalog.Default);
        PciAddress root = plain.Topology.BridgeAbove(plain.Find(igb)!)!.Address;
        var changed = machine with
        {
            Devices = [.. machine.Devices.Select(device =>
                device.Address == igb ? With(device, deviceLow, deviceHigh)
                : device.Address == root ? With(device, rootLow, rootHigh)
                : device)],
        };
        var platform = new X86Platform(changed, DeviceCatalog.Default);
        Assert.Equal(expected, AtomicCompletion.Find(platform.Find(igb)!, platform.Topology));
        Assert.Equal(expected, AtomicCompletion.Find(platform.MakeVirtualFunction(platform.Find(igb)!, 0)!, platform.Topology));
    }

    [Fact]
    public void Conventional_device_has_none()
    {
        using var session = new DeviceSession("edu0");
        Assert.Equal(0u, AtomicCompletion.Find(session.Function, session.Platform.Topology));
    }

    private static DeviceDescription With(DeviceDescription device, byte low, byte high)
    {
        byte[] config = device.Config.ToArray();
        int express = new ConfigView(config).FindCapability(PciCapabilityId.Express);
        config[express + 0x24] |= low;
        config[express + 0x25] |= high;
        return device with { Config = config };
    }
}
