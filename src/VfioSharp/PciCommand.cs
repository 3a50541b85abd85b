// SPDX-License-Identifier: MIT
namespace VfioSharp;

/// <summary>Bits of the COMMAND register of configuration space.</summary>
[Flags]
public enum PciCommand : ushort
{
    /// <summary>Nothing set.</summary>
    None = 0,

    /// <summary>The device answers at its I/O BARs.</summary>
    IoSpace = 0x1,

    /// <summary>The device answers at its memory BARs.</summary>
    MemorySpace = 0x2,

    /// <summary>The device may do DMA and send MSIs.</summary>
    BusMaster = 0x4,

    /// <summary>The device reports parity errors.</summary>
    ParityErrorResponse = 0x40,

    /// <summary>The device may signal system errors.</summary>
    SystemError = 0x100,

    /// <summary>The device does not raise INTx.</summary>
    InterruptDisable = 0x400,
}
