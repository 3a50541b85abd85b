// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Guest.Spapr.Rtas;

namespace VfioSharp.Guest.Spapr;

/// <summary>
/// What a bridge's node in the guest's device tree says about addresses, windows and interrupts
/// (hw/ppc/spapr_pci.c: spapr_dt_phb). The node's remaining properties depend on the machine, not on the bridge.
/// </summary>
public static class HostBridgeDeviceTree
{
    private const int Slots = 32, Pins = 4, SlotShift = 11;
    private const uint SpaceIo = 0x0100_0000, SpaceMemory = 0x0200_0000, SpaceMemory64 = 0x0300_0000;
    private const uint Level = 1;

    /// <summary>The node's properties.</summary>
    /// <param name="bridge">The bridge.</param>
    /// <param name="interruptController">The phandle of the machine's interrupt controller.</param>
    public static IReadOnlyList<DeviceTreeProperty> Describe(PseriesHostBridge bridge, uint interruptController)
    {
        ArgumentNullException.ThrowIfNull(bridge);
        HostBridgeOptions options = bridge.Options;
        List<DeviceTreeProperty> properties =
        [
            Cells("#address-cells", 3),
            Cells("#size-cells", 2),
            Cells("#interrupt-cells", 1),
            Cells("bus-range", 0, 0xff),
            Cells("ranges", [.. Ranges(options)]),
            Cells("reg", High(bridge.Buid), Low(bridge.Buid), 0, 0),
            Cells("interrupt-map-mask", (Slots - 1) << SlotShift, 0, 0, uint.MaxValue),
            Cells("interrupt-map", [.. InterruptMap(bridge, interruptController)]),
            Cells("ibm,pe-total-#msi", InterruptNumbers.Messages),
            Cells("ibm,#dma-address-cells", 2),
            Cells("ibm,#dma-size-cells", 2),
            Cells("ibm,dma-window", [.. DmaWindow(bridge)]),
        ];
        if (!options.HasDynamicWindows) return properties;
        properties.Add(Cells("ibm,ddw-applicable", (uint)RtasToken.QueryPeDmaWindow, (uint)RtasToken.CreatePeDmaWindow, (uint)RtasToken.RemovePeDmaWindow));

        // Two extensions: the call that resets, and that the query has a long form.
        properties.Add(Cells("ibm,ddw-extensions", 2, (uint)RtasToken.ResetPeDmaWindow, 1));
        return properties;
    }

    private static IEnumerable<uint> DmaWindow(PseriesHostBridge bridge)
    {
        ulong start = bridge.Options.DefaultWindowStart.Value, bytes = bridge.Options.DefaultWindowBytes;
        return [bridge.DmaWindows[0].Liobn, High(start), Low(start), High(bytes), Low(bytes)];
    }

    private static IEnumerable<uint> Ranges(HostBridgeOptions options) =>
    [
        .. Range(SpaceIo, 0, options.IoWindow, HostBridgeOptions.IoWindowBytes),
        .. Range(SpaceMemory, HostBridgeOptions.MemoryWindowOnBus, options.MemoryWindow, options.MemoryWindowBytes),
        .. Range(SpaceMemory64, options.Memory64Window.Value, options.Memory64Window, options.Memory64WindowBytes),
    ];

    private static uint[] Range(uint space, ulong onBus, GuestPhysicalAddress address, ulong bytes) =>
        [space, High(onBus), Low(onBus), High(address.Value), Low(address.Value), High(bytes), Low(bytes)];

    private static IEnumerable<uint> InterruptMap(PseriesHostBridge bridge, uint interruptController)
    {
        for (int slot = 0; slot < Slots; slot++)
        {
            for (int pin = 0; pin < Pins; pin++)
            {
                uint number = (uint)bridge.Interrupts.NumberOfPin(PseriesHostBridge.LineOf(slot, pin));
                foreach (uint cell in (uint[])[(uint)slot << SlotShift, 0, 0, (uint)pin + 1, interruptController, number, Level]) yield return cell;
            }
        }
    }

    private static DeviceTreeProperty Cells(string name, params uint[] cells)
    {
        byte[] value = new byte[cells.Length * sizeof(uint)];
        for (int i = 0; i < cells.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(i * sizeof(uint)), cells[i]);
        return new DeviceTreeProperty(name, value);
    }

    private static uint High(ulong value) => (uint)(value >> 32);

    private static uint Low(ulong value) => unchecked((uint)value);
}

/// <summary>A property of a node of the guest's device tree.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value as it stands there: cells are big-endian.</param>
public sealed record DeviceTreeProperty(string Name, ReadOnlyMemory<byte> Value);
