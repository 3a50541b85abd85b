// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_irq_set</c>: Argument of DEVICE_SET_IRQS; data follow, one element per interrupt, as the flags say.</summary>
[CName("vfio_irq_set")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIrqSet
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: One data bit and one action bit of <see cref="VfioIrqSetFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>index</c>: Interrupt index.</summary>
    public uint Index;

    /// <summary><c>start</c>: First interrupt in the index.</summary>
    public uint Start;

    /// <summary><c>count</c>: Number of interrupts.</summary>
    public uint Count;
}

/// <summary>Bits of <see cref="VfioIrqSet.Flags"/>.</summary>
public static class VfioIrqSetFlags
{
    /// <summary><c>VFIO_IRQ_SET_DATA_NONE</c>: no data: act on all of the range.</summary>
    [CName("VFIO_IRQ_SET_DATA_NONE")]
    public const uint DataNone = 1u << 0;

    /// <summary><c>VFIO_IRQ_SET_DATA_BOOL</c>: data are bytes: act where it is not 0.</summary>
    [CName("VFIO_IRQ_SET_DATA_BOOL")]
    public const uint DataBool = 1u << 1;

    /// <summary><c>VFIO_IRQ_SET_DATA_EVENTFD</c>: data are descriptors of eventfds, -1 for none.</summary>
    [CName("VFIO_IRQ_SET_DATA_EVENTFD")]
    public const uint DataEventfd = 1u << 2;

    /// <summary><c>VFIO_IRQ_SET_ACTION_MASK</c>: mask.</summary>
    [CName("VFIO_IRQ_SET_ACTION_MASK")]
    public const uint ActionMask = 1u << 3;

    /// <summary><c>VFIO_IRQ_SET_ACTION_UNMASK</c>: unmask.</summary>
    [CName("VFIO_IRQ_SET_ACTION_UNMASK")]
    public const uint ActionUnmask = 1u << 4;

    /// <summary><c>VFIO_IRQ_SET_ACTION_TRIGGER</c>: trigger, or set what is signalled.</summary>
    [CName("VFIO_IRQ_SET_ACTION_TRIGGER")]
    public const uint ActionTrigger = 1u << 5;

    /// <summary><c>VFIO_IRQ_SET_DATA_TYPE_MASK</c>: all data bits.</summary>
    [CName("VFIO_IRQ_SET_DATA_TYPE_MASK")]
    public const uint DataTypeMask = 7;

    /// <summary><c>VFIO_IRQ_SET_ACTION_TYPE_MASK</c>: all action bits.</summary>
    [CName("VFIO_IRQ_SET_ACTION_TYPE_MASK")]
    public const uint ActionTypeMask = 56;
}
