// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_irq_info</c>: Answer of DEVICE_GET_IRQ_INFO.</summary>
[CName("vfio_irq_info")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIrqInfo
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioIrqInfoFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>index</c>: Interrupt index asked about, given by the caller.</summary>
    public uint Index;

    /// <summary><c>count</c>: Interrupts in the index.</summary>
    public uint Count;
}

/// <summary>Bits of <see cref="VfioIrqInfo.Flags"/>.</summary>
public static class VfioIrqInfoFlags
{
    /// <summary><c>VFIO_IRQ_INFO_EVENTFD</c>: can signal an eventfd.</summary>
    [CName("VFIO_IRQ_INFO_EVENTFD")]
    public const uint Eventfd = 1u << 0;

    /// <summary><c>VFIO_IRQ_INFO_MASKABLE</c>: can be masked and unmasked.</summary>
    [CName("VFIO_IRQ_INFO_MASKABLE")]
    public const uint Maskable = 1u << 1;

    /// <summary><c>VFIO_IRQ_INFO_AUTOMASKED</c>: masks itself when it fires.</summary>
    [CName("VFIO_IRQ_INFO_AUTOMASKED")]
    public const uint Automasked = 1u << 2;

    /// <summary><c>VFIO_IRQ_INFO_NORESIZE</c>: the number in use changes only through disabling all.</summary>
    [CName("VFIO_IRQ_INFO_NORESIZE")]
    public const uint Noresize = 1u << 3;
}
