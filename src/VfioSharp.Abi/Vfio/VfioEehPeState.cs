// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Answers of GET_STATE.</summary>
public static class VfioEehPeState
{
    /// <summary><c>VFIO_EEH_PE_STATE_NORMAL</c>: nothing is frozen.</summary>
    [CName("VFIO_EEH_PE_STATE_NORMAL")]
    public const uint Normal = 0;

    /// <summary><c>VFIO_EEH_PE_STATE_RESET</c>: in reset.</summary>
    [CName("VFIO_EEH_PE_STATE_RESET")]
    public const uint Reset = 1;

    /// <summary><c>VFIO_EEH_PE_STATE_STOPPED</c>: loads, stores and DMA frozen.</summary>
    [CName("VFIO_EEH_PE_STATE_STOPPED")]
    public const uint Stopped = 2;

    /// <summary><c>VFIO_EEH_PE_STATE_STOPPED_DMA</c>: only DMA frozen.</summary>
    [CName("VFIO_EEH_PE_STATE_STOPPED_DMA")]
    public const uint StoppedDma = 4;

    /// <summary><c>VFIO_EEH_PE_STATE_UNAVAIL</c>: gone for good.</summary>
    [CName("VFIO_EEH_PE_STATE_UNAVAIL")]
    public const uint Unavail = 5;
}
