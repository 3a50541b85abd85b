// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Groups;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>EEH_PE_OP.</summary>
internal sealed partial class SpaprTceDriver
{
    private const string EehCall = "EEH_PE_OP";

    // argsz, flags and op; what follows is of INJECT_ERR alone.
    private const int EehHeader = 12;

    // tce_iommu_ioctl: each group in turn, until one does not answer 0: a state of the first is not asked of the second.
    private KernelResult EehOperation(Caller caller, ulong argument)
    {
        foreach (IommuGroup group in _groups)
        {
            KernelResult answer = EehOperation(caller, argument, group);
            if (answer.RawValue != 0) return answer;
        }

        return KernelResult.Success;
    }

    // vfio_spapr_ioctl_eeh_pe_op
    private static KernelResult EehOperation(Caller caller, ulong argument, IommuGroup group)
    {
        // eeh_iommu_group_to_pe
        if (group.Members.IsEmpty || EehSubsystem.Find(group.Members[0].Function) is not { } pe)
        {
            return KernelResult.Fail(Errno.ENODEV, $"{EehCall}: endpoint {TableGroup(group).Name} has no error handling");
        }

        VfioEehPeOp operation = default;
        if (!UserMemory.TryRead(caller, argument, ref operation, EehHeader)) return UserMemory.Fault(EehCall, argument, EehHeader);
        if (operation.Argsz < EehHeader) return UserMemory.ShortArgument(EehCall, operation.Argsz, EehHeader);
        if (operation.Flags != 0) return KernelResult.Fail(Errno.EINVAL, $"{EehCall}: flags 0x{operation.Flags:x}, and none are known");
        return operation.Op switch
        {
            VfioEehPeOpCode.Disable => pe.Eeh.SetOption(pe, EehOption.Disable),
            VfioEehPeOpCode.Enable => pe.Eeh.SetOption(pe, EehOption.Enable),
            VfioEehPeOpCode.UnfreezeIo => pe.Eeh.SetOption(pe, EehOption.ThawMmio),
            VfioEehPeOpCode.UnfreezeDma => pe.Eeh.SetOption(pe, EehOption.ThawDma),
            VfioEehPeOpCode.GetState => pe.Eeh.GetState(pe),
            VfioEehPeOpCode.ResetDeactivate => pe.Eeh.Reset(pe, EehReset.Deactivate),
            VfioEehPeOpCode.ResetHot => pe.Eeh.Reset(pe, EehReset.Hot),
            VfioEehPeOpCode.ResetFundamental => pe.Eeh.Reset(pe, EehReset.Fundamental),
            VfioEehPeOpCode.Configure => pe.Eeh.Configure(pe),
            VfioEehPeOpCode.InjectErr => InjectError(caller, argument, pe, operation.Argsz),
            _ => KernelResult.Fail(Errno.EINVAL, $"{EehCall}: operation {operation.Op} is not one of 0 to {VfioEehPeOpCode.InjectErr}"),
        };
    }

    private static KernelResult InjectError(Caller caller, ulong argument, EehPe pe, uint argsz)
    {
        VfioEehPeOp operation = default;
        int size = Unsafe.SizeOf<VfioEehPeOp>();
        if (argsz < size) return UserMemory.ShortArgument($"{EehCall} INJECT_ERR", argsz, size);
        if (!UserMemory.TryRead(caller, argument, ref operation)) return UserMemory.Fault($"{EehCall} INJECT_ERR", argument, size);
        return pe.Eeh.InjectError(pe, (int)operation.Err.Type, (int)operation.Err.Func, operation.Err.Addr, operation.Err.Mask);
    }
}
