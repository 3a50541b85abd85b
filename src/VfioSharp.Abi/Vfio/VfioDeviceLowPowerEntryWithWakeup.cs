// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_low_power_entry_with_wakeup</c>: Data of feature LOW_POWER_ENTRY_WITH_WAKEUP.</summary>
[CName("vfio_device_low_power_entry_with_wakeup")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceLowPowerEntryWithWakeup
{
    /// <summary><c>wakeup_eventfd</c>: Signalled when the device wakes up.</summary>
    public int WakeupEventfd;

    /// <summary><c>reserved</c>: Padding, 0.</summary>
    public uint Reserved;
}
