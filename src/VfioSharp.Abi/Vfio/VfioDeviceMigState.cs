// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>States of the migration machine (<c>enum vfio_device_mig_state</c>).</summary>
public static class VfioDeviceMigState
{
    /// <summary><c>VFIO_DEVICE_STATE_ERROR</c>: failed; only a reset helps.</summary>
    [CName("VFIO_DEVICE_STATE_ERROR")]
    public const uint Error = 0;

    /// <summary><c>VFIO_DEVICE_STATE_STOP</c>: does nothing.</summary>
    [CName("VFIO_DEVICE_STATE_STOP")]
    public const uint Stop = 1;

    /// <summary><c>VFIO_DEVICE_STATE_RUNNING</c>: runs.</summary>
    [CName("VFIO_DEVICE_STATE_RUNNING")]
    public const uint Running = 2;

    /// <summary><c>VFIO_DEVICE_STATE_STOP_COPY</c>: stopped, state being saved.</summary>
    [CName("VFIO_DEVICE_STATE_STOP_COPY")]
    public const uint StopCopy = 3;

    /// <summary><c>VFIO_DEVICE_STATE_RESUMING</c>: stopped, state being restored.</summary>
    [CName("VFIO_DEVICE_STATE_RESUMING")]
    public const uint Resuming = 4;

    /// <summary><c>VFIO_DEVICE_STATE_RUNNING_P2P</c>: runs, but starts no DMA to other devices.</summary>
    [CName("VFIO_DEVICE_STATE_RUNNING_P2P")]
    public const uint RunningP2p = 5;

    /// <summary><c>VFIO_DEVICE_STATE_PRE_COPY</c>: runs, state being saved.</summary>
    [CName("VFIO_DEVICE_STATE_PRE_COPY")]
    [SinceLinux("6.2")]
    public const uint PreCopy = 6;

    /// <summary><c>VFIO_DEVICE_STATE_PRE_COPY_P2P</c>: the same without DMA to other devices.</summary>
    [CName("VFIO_DEVICE_STATE_PRE_COPY_P2P")]
    [SinceLinux("6.2")]
    public const uint PreCopyP2p = 7;

    /// <summary><c>VFIO_DEVICE_STATE_NR</c>: number of states.</summary>
    [CName("VFIO_DEVICE_STATE_NR")]
    [SinceLinux("6.2")]
    public const uint Count = 8;
}
