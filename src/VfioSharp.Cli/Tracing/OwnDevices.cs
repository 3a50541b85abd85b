// SPDX-License-Identifier: MIT
using System.Collections.Concurrent;
using System.Text;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Pci;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Cli.Tracing;

/// <summary>
/// Of the DMA and interrupts of a host that several programs use, lets those through whose device one program has opened.
/// Its calls and accesses come from its own session, and are all let through.
/// </summary>
internal sealed class OwnDevices(ITraceSink sink) : ITraceSink
{
    private readonly ConcurrentDictionary<PciAddress, bool> _opened = [];

    /// <inheritdoc/>
    public void Call(in TracedCall call)
    {
        if (call.Kind == TracedCallKind.Ioctl && call.Request == VfioIoctl.GroupGetDeviceFd && call.Result.IsSuccess)
        {
            // "ADDRESS [options]", as the driver takes it apart.
            ReadOnlySpan<byte> text = call.Before;
            int end = text.IndexOfAny((byte)0, (byte)' ');
            if (end >= 0 && PciAddress.TryParse(Encoding.ASCII.GetString(text[..end]), out PciAddress address)) _opened[address] = true;
        }

        sink.Call(in call);
    }

    /// <inheritdoc/>
    public void Access(in TracedAccess access) => sink.Access(in access);

    /// <inheritdoc/>
    public void Dma(PciAddress device, Iova iova, int length, bool isWrite, bool isComplete)
    {
        if (_opened.ContainsKey(device)) sink.Dma(device, iova, length, isWrite, isComplete);
    }

    /// <inheritdoc/>
    public void Interrupt(PciAddress device, uint index, int vector)
    {
        if (_opened.ContainsKey(device)) sink.Interrupt(device, index, vector);
    }
}
