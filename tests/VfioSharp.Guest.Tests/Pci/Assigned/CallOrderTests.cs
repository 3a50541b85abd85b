// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Pci.Assigned;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

/// <summary>The order of VFIO calls, to be compared with QEMU's: docs/guest.md lists the differences.</summary>
public sealed class CallOrderTests
{
    [Fact]
    public void Start_makes_its_calls_in_order()
    {
        using var machine = new PciMachine();
        machine.Add("host=3:0.0,id=edu0");
        Assert.Equal(
            [
                "open /dev/vfio/15", "GROUP_GET_STATUS", "open /dev/vfio/vfio", "GET_API_VERSION", "CHECK_EXTENSION 3",
                "GROUP_SET_CONTAINER", "SET_IOMMU 3", "IOMMU_GET_INFO", "IOMMU_GET_INFO", "IOMMU_MAP_DMA",
                "GROUP_GET_DEVICE_FD", "DEVICE_GET_INFO", "DEVICE_GET_REGION_INFO 7", "DEVICE_GET_REGION_INFO 0",
                "DEVICE_GET_REGION_INFO 1", "DEVICE_GET_REGION_INFO 2", "DEVICE_GET_REGION_INFO 3", "DEVICE_GET_REGION_INFO 4",
                "DEVICE_GET_REGION_INFO 5", "DEVICE_GET_IRQ_INFO ERR", "read region 7 0x0+256", "DEVICE_GET_REGION_INFO 6",
                "read region 7 0x10+4", "mmap region 0 0x0+0x100000", "DEVICE_SET_IRQS INTx trigger 0: e",
                "DEVICE_GET_IRQ_INFO REQ", "DEVICE_SET_IRQS REQ trigger 0: e",
            ],
            machine.Kernel.Take());
    }

    [Fact]
    public void Reset_of_the_machine_turns_INTx_off_resets_and_turns_it_on()
    {
        using var machine = new PciMachine();
        machine.Add("host=3:0.0,id=edu0");
        machine.Kernel.Take();
        machine.Bus.Reset();
        Assert.Equal(
            ["DEVICE_SET_IRQS INTx off", "DEVICE_RESET", "DEVICE_SET_IRQS INTx trigger 0: e"],
            machine.Kernel.Take().Where(call => call.StartsWith("DEVICE", StringComparison.Ordinal)));
    }

    [Fact]
    public void Unplug_undoes_the_start_in_reverse()
    {
        using var machine = new PciMachine();
        machine.Add("host=3:0.0,id=edu0");
        machine.Kernel.Take();
        machine.Devices.Remove("edu0");
        Assert.Equal(
            ["DEVICE_SET_IRQS REQ trigger 0: -", "DEVICE_SET_IRQS INTx off", "IOMMU_UNMAP_DMA", "GROUP_UNSET_CONTAINER"],
            machine.Kernel.Take());
    }
}
