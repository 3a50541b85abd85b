// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>The interrupts that are not the device's but the host's news of it: ERR and REQ (hw/vfio/pci.c: vfio_register_err_notifier).</summary>
/// <remarks>Called with the machine's lock held.</remarks>
internal sealed class DeviceEvents
{
    private readonly AssignedPciDevice _device;
    private readonly VfioDevice _host;
    private readonly List<(uint Index, VfioEvent Event, IDisposable Listening)> _events = [];

    internal DeviceEvents(AssignedPciDevice device, VfioDevice host, IAssignedDeviceEvents events, bool reportsErrors)
    {
        _device = device;
        _host = host;
        if (reportsErrors) Register(VfioPciIrqIndex.Err, "ERR", () => events.OnDeviceError(device));
        if (host.TryGetInterruptInfo(VfioPciIrqIndex.Req, out InterruptInfo request).IsSuccess && request.Count > 0)
            Register(VfioPciIrqIndex.Req, "REQ", () => events.OnUnplugRequested(device));
    }

    internal void Release()
    {
        for (int i = _events.Count - 1; i >= 0; i--)
        {
            (uint index, VfioEvent source, IDisposable listening) = _events[i];
            _host.SetTriggers(index, 0, [-1]);
            listening.Dispose();
            source.Dispose();
        }

        _events.Clear();
    }

    // The device works without: a refusal is a warning.
    private void Register(uint index, string name, Action signalled)
    {
        var source = VfioEvent.Create(_device.Bus!.Events.Kernel, $"eventfd of {_device.Id} {name}");
        KernelResult result = _host.SetTriggers(index, 0, [source.Descriptor]);
        if (result.IsError)
        {
            source.Dispose();
            _device.Warn($"{name} cannot be had ({result}): the monitor will not hear of it");
            return;
        }

        _events.Add((index, source, _device.Bus.Events.Listen(source, signalled)));
    }
}
