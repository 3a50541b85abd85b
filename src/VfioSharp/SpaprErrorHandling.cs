// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp;

/// <summary>Where a partitionable endpoint stands, with the ABI's numbers (VFIO_EEH_PE_STATE_*).</summary>
public enum EndpointState
{
    /// <summary>It works.</summary>
    Normal = 0,

    /// <summary>It is in reset.</summary>
    Reset = 1,

    /// <summary>Loads, stores and DMA are stopped.</summary>
    Stopped = 2,

    /// <summary>DMA is stopped.</summary>
    StoppedDma = 4,

    /// <summary>It is gone for good.</summary>
    Unavailable = 5,
}

/// <summary>
/// Errors of a container's endpoints (EEH_PE_OP): the hardware cuts off what had one, and the user recovers it.
/// </summary>
public sealed class SpaprErrorHandling
{
    private readonly KernelFile _container;

    internal SpaprErrorHandling(KernelFile container) => _container = container;

    /// <summary>ENABLE: errors are the user's business.</summary>
    /// <exception cref="VfioException">ENODEV: errors of these endpoints are not handled.</exception>
    public void Enable() => Call(VfioEehPeOpCode.Enable);

    /// <summary>DISABLE: errors are the host's business again. Nothing changes by it.</summary>
    /// <exception cref="VfioException">ENODEV: errors of these endpoints are not handled.</exception>
    public void Disable() => Call(VfioEehPeOpCode.Disable);

    /// <summary>GET_STATE.</summary>
    /// <exception cref="VfioException">ENODEV: errors of these endpoints are not handled.</exception>
    public EndpointState GetState() => (EndpointState)Call(VfioEehPeOpCode.GetState);

    /// <summary>UNFREEZE_IO: loads and stores go through again.</summary>
    /// <exception cref="VfioException">EIO: the platform could not.</exception>
    public void ThawMmio() => Call(VfioEehPeOpCode.UnfreezeIo);

    /// <summary>UNFREEZE_DMA: memory requests go through again.</summary>
    /// <exception cref="VfioException">EIO: the platform could not.</exception>
    public void ThawDma() => Call(VfioEehPeOpCode.UnfreezeDma);

    /// <summary>RESET_HOT: the endpoint is in reset until <see cref="EndReset"/>.</summary>
    /// <exception cref="VfioException">EIO: the platform could not.</exception>
    public void BeginHotReset() => Call(VfioEehPeOpCode.ResetHot);

    /// <summary>RESET_FUNDAMENTAL: the endpoint is in reset until <see cref="EndReset"/>.</summary>
    /// <exception cref="VfioException">EIO: the platform could not.</exception>
    public void BeginFundamentalReset() => Call(VfioEehPeOpCode.ResetFundamental);

    /// <summary>RESET_DEACTIVATE: the endpoint leaves reset. Decoding is off afterwards.</summary>
    /// <exception cref="VfioException">EIO: the platform could not.</exception>
    public void EndReset() => Call(VfioEehPeOpCode.ResetDeactivate);

    /// <summary>CONFIGURE: what firmware sets up again after a reset.</summary>
    /// <exception cref="VfioException">EIO: the platform could not.</exception>
    public void Configure() => Call(VfioEehPeOpCode.Configure);

    /// <summary>A hot reset and its end, then what firmware sets up again. Decoding is off afterwards.</summary>
    /// <exception cref="VfioException">EIO: the platform could not.</exception>
    public void Reset()
    {
        BeginHotReset();
        EndReset();
        Configure();
    }

    private long Call(uint operation)
    {
        KernelResult result = SpaprCalls.Eeh(_container, operation);
        VfioException.ThrowIfError(result, Refusals.EehPeOp, _container);
        return result.Value;
    }
}
