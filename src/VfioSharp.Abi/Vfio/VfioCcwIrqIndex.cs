// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Interrupt indexes of vfio-ccw.</summary>
public static class VfioCcwIrqIndex
{
    /// <summary><c>VFIO_CCW_IO_IRQ_INDEX</c>: I/O interrupt.</summary>
    [CName("VFIO_CCW_IO_IRQ_INDEX")]
    public const uint Io = 0;

    /// <summary><c>VFIO_CCW_CRW_IRQ_INDEX</c>: channel report word pending.</summary>
    [CName("VFIO_CCW_CRW_IRQ_INDEX")]
    public const uint Crw = 1;

    /// <summary><c>VFIO_CCW_REQ_IRQ_INDEX</c>: the host wants the device back.</summary>
    [CName("VFIO_CCW_REQ_IRQ_INDEX")]
    public const uint Req = 2;

    /// <summary><c>VFIO_CCW_NUM_IRQS</c>: number of indexes.</summary>
    [CName("VFIO_CCW_NUM_IRQS")]
    public const uint Count = 3;
}
