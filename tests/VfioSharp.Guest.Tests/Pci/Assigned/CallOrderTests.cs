// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Pci.Assigned;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

/// <summary>The order of VFIO calls, to be compared with QEMU's: docs/guest.md lists the differences.</summary>
public sealed class CallOrderTests
{
    [Fact]
    public void Start_reset_and_unplug_call_in_QEMUs_order()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0,id=edu0");
        File.WriteAllLines("/tmp/g6d-order.txt", machine.Kernel.Take());
        machine.Bus.Reset();
        File.WriteAllLines("/tmp/g6d-order2.txt", machine.Kernel.Take());
        machine.Bus.Remove(device);
        File.WriteAllLines("/tmp/g6d-order3.txt", machine.Kernel.Take());
        File.WriteAllLines("/tmp/g6d-order4.txt", machine.Warnings);
    }
}
