// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Pci;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Cli.Tracing;

/// <summary>Tells several sinks.</summary>
internal sealed class TraceFan(params ITraceSink[] sinks) : ITraceSink
{
    /// <inheritdoc/>
    public void Call(in TracedCall call)
    {
        foreach (ITraceSink sink in sinks) sink.Call(in call);
    }

    /// <inheritdoc/>
    public void Access(in TracedAccess access)
    {
        foreach (ITraceSink sink in sinks) sink.Access(in access);
    }

    /// <inheritdoc/>
    public void Dma(PciAddress device, Iova iova, int length, bool isWrite, bool isComplete)
    {
        foreach (ITraceSink sink in sinks) sink.Dma(device, iova, length, isWrite, isComplete);
    }

    /// <inheritdoc/>
    public void Interrupt(PciAddress device, uint index, int vector)
    {
        foreach (ITraceSink sink in sinks) sink.Interrupt(device, index, vector);
    }
}
