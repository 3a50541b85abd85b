// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_eeh_pe_op</c>: Argument of EEH_PE_OP.</summary>
[CName("vfio_eeh_pe_op")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioEehPeOp
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>op</c>: One of <see cref="VfioEehPeOpCode"/>.</summary>
    public uint Op;

    /// <summary><c>err</c>: Only for INJECT_ERR. Four bytes of padding precede it.</summary>
    public VfioEehPeErr Err;
}

/// <summary>Values of <see cref="VfioEehPeOp.Op"/>.</summary>
public static class VfioEehPeOpCode
{
    /// <summary><c>VFIO_EEH_PE_DISABLE</c>: turn error handling of the endpoint off.</summary>
    [CName("VFIO_EEH_PE_DISABLE")]
    public const uint Disable = 0;

    /// <summary><c>VFIO_EEH_PE_ENABLE</c>: turn it on.</summary>
    [CName("VFIO_EEH_PE_ENABLE")]
    public const uint Enable = 1;

    /// <summary><c>VFIO_EEH_PE_UNFREEZE_IO</c>: let loads and stores through again.</summary>
    [CName("VFIO_EEH_PE_UNFREEZE_IO")]
    public const uint UnfreezeIo = 2;

    /// <summary><c>VFIO_EEH_PE_UNFREEZE_DMA</c>: let DMA through again.</summary>
    [CName("VFIO_EEH_PE_UNFREEZE_DMA")]
    public const uint UnfreezeDma = 3;

    /// <summary><c>VFIO_EEH_PE_GET_STATE</c>: answer one of <see cref="VfioEehPeState"/>.</summary>
    [CName("VFIO_EEH_PE_GET_STATE")]
    public const uint GetState = 4;

    /// <summary><c>VFIO_EEH_PE_RESET_DEACTIVATE</c>: end a reset.</summary>
    [CName("VFIO_EEH_PE_RESET_DEACTIVATE")]
    public const uint ResetDeactivate = 5;

    /// <summary><c>VFIO_EEH_PE_RESET_HOT</c>: begin a hot reset.</summary>
    [CName("VFIO_EEH_PE_RESET_HOT")]
    public const uint ResetHot = 6;

    /// <summary><c>VFIO_EEH_PE_RESET_FUNDAMENTAL</c>: begin a fundamental reset.</summary>
    [CName("VFIO_EEH_PE_RESET_FUNDAMENTAL")]
    public const uint ResetFundamental = 7;

    /// <summary><c>VFIO_EEH_PE_CONFIGURE</c>: configure the bridges after a reset.</summary>
    [CName("VFIO_EEH_PE_CONFIGURE")]
    public const uint Configure = 8;

    /// <summary><c>VFIO_EEH_PE_INJECT_ERR</c>: inject an error.</summary>
    [CName("VFIO_EEH_PE_INJECT_ERR")]
    public const uint InjectErr = 9;
}
