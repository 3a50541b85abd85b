// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Spapr;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Tests.Spapr;

public sealed class HostBridgeDeviceTreeTests : IDisposable
{
    private readonly BareMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    // As the machine files of pseries machines, recorded in guests of QEMU, have them.
    [Theory]
    [InlineData("ibm,dma-window", "8000010000000000000000000000000040000000")]
    [InlineData("ibm,ddw-applicable", "000020260000202700002028")]
    [InlineData("ibm,ddw-extensions", "000000020000202900000001")]
    [InlineData("ibm,pe-total-#msi", "00000d00")]
    [InlineData("bus-range", "00000000000000ff")]
    [InlineData("ranges", "010000000000000000000000000020000001000000000000000100000200000000000000800000000000200100000000000000008000000003000000000022000000000000002200000000000000010000000000")]
    public void Second_bridge_is_described_as_QEMU_describes_it(string name, string value) =>
        Assert.Equal(value, Hex(_machine.Firmware.AddBridge(new HostBridgeOptions { Index = 1 }), name));

    [Fact]
    public void Window_given_by_properties_appears_in_ibm_dma_window_and_works()
    {
        PseriesHostBridge bridge = _machine.Firmware.AddBridge(
            new HostBridgeOptions { DefaultWindowStart = new Iova(0x1_1000_0000), DefaultWindowBytes = 0x2000_0000 });
        Assert.Equal("80000000" + "0000000110000000" + "0000000020000000", Hex(bridge, "ibm,dma-window"));
        Assert.Equal(HypercallStatus.Success, _machine.Firmware.Tces.Put(0x80000000, 0x1_2fff_f000, 0x5003));
        Assert.Equal(HypercallStatus.Parameter, _machine.Firmware.Tces.Put(0x80000000, 0x1_3000_0000, 0x5003));
        Assert.Equal(HypercallStatus.Parameter, _machine.Firmware.Tces.Put(0x80000000, 0x1_0fff_f000, 0x5003));
        var device = new PlainDevice();
        bridge.Bus.Add(device, 0);
        device.WriteConfig(4, 2, 6);
        byte[] read = new byte[8];
        Assert.True(device.Read(0x1_2fff_f008, read));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0x50, 0x0b], read);
        Assert.False(device.Read(0x1_2fff_e008, read));
    }

    [Fact]
    public void Bridge_without_dynamic_windows_does_not_name_their_calls()
    {
        PseriesHostBridge bridge = _machine.Firmware.AddBridge(new HostBridgeOptions { HasDynamicWindows = false });
        Assert.DoesNotContain(HostBridgeDeviceTree.Describe(bridge, 1), property => property.Name.StartsWith("ibm,ddw", StringComparison.Ordinal));
    }

    [Fact]
    public void Interrupt_map_leads_each_pin_of_each_slot_to_one_of_four_numbers()
    {
        PseriesHostBridge bridge = _machine.Firmware.AddBridge(new HostBridgeOptions { Index = 2 });
        string map = Hex(bridge, "interrupt-map");
        Assert.Equal(32 * 4 * 7 * 8, map.Length);
        string entry = "00002800" + "0000000000000000" + "00000002" + "00001111" + "0000120a" + "00000001";
        Assert.Contains(entry, map, StringComparison.Ordinal);
        Assert.Equal("0000f8000000000000000000ffffffff", Hex(bridge, "interrupt-map-mask"));
    }

    private static string Hex(PseriesHostBridge bridge, string name) =>
        Convert.ToHexStringLower(HostBridgeDeviceTree.Describe(bridge, 0x1111).Single(property => property.Name == name).Value.Span);
}
