// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Guest.Spapr;
using VfioSharp.Guest.Spapr.Rtas;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Spapr;

/// <summary>EEH on the ordinary bridge.</summary>
public sealed class EndpointErrorTests : IDisposable
{
    private const uint Endpoint = 1;
    private static readonly PciAddress s_edu0 = new(0, 1, 0, 0), s_edu1 = new(1, 1, 0, 0), s_xhci = new(4, 2, 2, 0);

    private readonly PseriesMachine _machine = new();
    private readonly PseriesHostBridge _bridge;

    public EndpointErrorTests() => _bridge = _machine.Firmware.AddBridge(new HostBridgeOptions());

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Frozen_device_is_seen_and_recovered_by_RTAS()
    {
        AssignedPciDevice edu = _machine.Plug(_bridge, s_edu0, "edu0");
        uint address = (uint)edu.Function << 8;
        Assert.Equal([0], Rtas(RtasToken.SetEehOption, 1, address, (uint)EehOption.Enable));
        Assert.Equal([0, 1], Rtas(RtasToken.GetConfigAddressInfo2, 2, address, 0));
        Assert.Equal([0, 2], Rtas(RtasToken.GetConfigAddressInfo2, 2, address, 1));
        Assert.Equal([0, 0, 1, 1000, 0], Rtas(RtasToken.ReadSlotResetState2, 5, Endpoint));

        Freeze(s_edu0);
        Assert.Equal([0, 2, 1, 1000], Rtas(RtasToken.ReadSlotResetState2, 4, Endpoint));
        Assert.Equal([1], _machine.Rtas(RtasToken.SlotErrorDetail, 1, Endpoint, PseriesMachine.BuidHigh, PseriesMachine.BuidLow, 0, 0, 0, 0, 1));
        Assert.Equal([0], Rtas(RtasToken.SetSlotReset, 1, Endpoint, (uint)SlotReset.Hot));
        Assert.NotEqual((int)EndpointState.Normal, Rtas(RtasToken.ReadSlotResetState2, 4, Endpoint)[1]);
        Assert.Equal([0], Rtas(RtasToken.SetSlotReset, 1, Endpoint, (uint)SlotReset.Deactivate));
        Assert.Equal([0], Rtas(RtasToken.ConfigurePe, 1, Endpoint));
        Assert.Equal((int)EndpointState.Normal, Rtas(RtasToken.ReadSlotResetState2, 4, Endpoint)[1]);
    }

    [Fact]
    public void Frozen_device_is_thawed_by_options()
    {
        _machine.Plug(_bridge, s_edu0, "edu0");
        Freeze(s_edu0);
        Assert.Equal([0], Rtas(RtasToken.SetEehOption, 1, Endpoint, (uint)EehOption.ThawMmio));
        Assert.Equal((int)EndpointState.StoppedDma, Rtas(RtasToken.ReadSlotResetState2, 4, Endpoint)[1]);
        Assert.Equal([0], Rtas(RtasToken.SetEehOption, 1, Endpoint, (uint)EehOption.ThawDma));
        Assert.Equal((int)EndpointState.Normal, Rtas(RtasToken.ReadSlotResetState2, 4, Endpoint)[1]);
    }

    [Fact]
    public void Machine_reset_thaws_what_is_frozen()
    {
        _machine.Plug(_bridge, s_edu0, "edu0");
        Freeze(s_edu0);
        _machine.Firmware.Reset();
        Assert.Equal((int)EndpointState.Normal, Rtas(RtasToken.ReadSlotResetState2, 4, Endpoint)[1]);
    }

    [Fact]
    public void Bridge_with_devices_of_two_groups_handles_no_errors()
    {
        AssignedPciDevice edu = _machine.Plug(_bridge, s_edu0, "edu0");
        Assert.True(_bridge.Errors.IsAvailable);
        _machine.Plug(_bridge, s_edu1, "edu1");
        Assert.False(_bridge.Errors.IsAvailable);
        Assert.Equal([-3], Rtas(RtasToken.SetEehOption, 1, (uint)edu.Function << 8, (uint)EehOption.Enable));
        _machine.Devices.Remove("edu1");
        Assert.Equal([0], Rtas(RtasToken.SetEehOption, 1, (uint)edu.Function << 8, (uint)EehOption.Enable));
    }

    [Fact]
    public void Reset_takes_MSIX_away_before_it()
    {
        AssignedPciDevice xhci = _machine.Plug(_bridge, s_xhci, "usb0");
        int control = 0;
        for (int at = (int)xhci.ReadConfig(0x34, 1); at != 0; at = (int)xhci.ReadConfig(at + 1, 1))
            if (xhci.ReadConfig(at, 1) == PciCapId.Msix) control = at + PciMsix.Flags;
        xhci.WriteConfig(control, 2, PciMsix.FlagsEnable);
        Assert.Equal(AssignedInterruptMode.Msix, xhci.InterruptMode);
        Assert.Equal([0], Rtas(RtasToken.SetSlotReset, 1, Endpoint, (uint)SlotReset.Fundamental));
        Assert.Equal(AssignedInterruptMode.Intx, xhci.InterruptMode);
        Assert.Equal(0u, xhci.ReadConfig(control, 2) & PciMsix.FlagsEnable);
        Assert.Equal([0], Rtas(RtasToken.SetSlotReset, 1, Endpoint, (uint)SlotReset.Deactivate));
    }

    [Theory]
    [InlineData(RtasToken.SetEehOption, 4u)]
    [InlineData(RtasToken.SetSlotReset, 2u)]
    [InlineData(RtasToken.GetConfigAddressInfo2, 2u)]
    public void Option_that_is_none_is_a_parameter_error(RtasToken token, uint option)
    {
        _machine.Plug(_bridge, s_edu0, "edu0");
        Assert.Equal(-3, Rtas(token, token == RtasToken.GetConfigAddressInfo2 ? 2u : 1u, 0x800, option)[0]);
    }

    private int[] Rtas(RtasToken token, uint results, uint address, params uint[] rest) =>
        _machine.Rtas(token, results, [address, PseriesMachine.BuidHigh, PseriesMachine.BuidLow, .. rest]);

    private void Freeze(PciAddress address) => Assert.True(_machine.Guest.Kernel.WriteText("/sys/kernel/debug/vfiosharp/freeze", $"{address} 3").IsSuccess);
}
