// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>
/// The interrupt line of an assigned device (hw/vfio/pci.c: vfio_intx_enable, vfio_intx_interrupt, vfio_intx_eoi). The
/// kernel masks the host's line with each interrupt, until it is told that the guest has finished with it.
/// </summary>
/// <remarks>Called with the machine's lock held, but for <see cref="OnSlowAccess"/>.</remarks>
internal sealed class IntxInterrupt : IDisposable
{
    private readonly AssignedPciDevice _device;
    private readonly VfioDevice _host;
    private readonly GuestPciBus _bus;
    private readonly VfioEvent _event;
    private readonly GateTimer? _timer;
    private readonly TimeSpan _timeout;
    private IDisposable? _listening;
    private VfioEvent? _unmask;
    private IntxRoute _route;
    private volatile bool _isPending;

    private IntxInterrupt(AssignedPciDevice device, VfioDevice host, TimeSpan timeout)
    {
        _device = device;
        _host = host;
        _bus = device.Bus!;
        _timeout = timeout;
        _event = VfioEvent.Create(_bus.Events.Kernel, $"eventfd of {device.Id} INTx");
        if (timeout > TimeSpan.Zero) _timer = _bus.Events.CreateTimer(OnTimeout);
        _route = _bus.InterruptLines.RouteOf(device.InterruptLine);
    }

    internal bool IsAccelerated => _unmask is not null;

    /// <summary>Whether the guest has an interrupt that it has not finished with.</summary>
    internal bool IsPending => _isPending;

    /// <summary>Gives the kernel an eventfd for the line.</summary>
    /// <param name="device">The device, which has a pin.</param>
    /// <param name="host">It on the host.</param>
    /// <param name="timeout">How long BARs stay unmapped after an interrupt.</param>
    /// <param name="interrupt">The line; null when the kernel refused.</param>
    internal static KernelResult Enable(AssignedPciDevice device, VfioDevice host, TimeSpan timeout, out IntxInterrupt? interrupt)
    {
        interrupt = null;
        try
        {
            interrupt = new IntxInterrupt(device, host, timeout);
        }
        catch (VfioException exception)
        {
            return KernelResult.Fail(exception.Errno, exception.Message);
        }

        interrupt.Listen();
        KernelResult result = host.SetTriggers(VfioPciIrqIndex.Intx, 0, [interrupt._event.Descriptor]);
        if (result.IsError)
        {
            interrupt.Close();
            interrupt = null;
            return result;
        }

        interrupt.Accelerate();
        return result;
    }

    /// <summary>The guest has finished with the interrupt. Without one that is pending nothing is called.</summary>
    internal void EndOfInterrupt()
    {
        if (!_isPending) return;
        _isPending = false;
        _device.DriveLine(false);
        Unmask();
    }

    /// <summary>An access to a BAR that is not mapped: where the end of an interrupt is not told, it is taken for that.</summary>
    internal void OnSlowAccess()
    {
        if (!_isPending || _bus.InterruptLines.ReportsEndOfInterrupt) return;
        lock (_bus.Events.Gate) EndOfInterrupt();
    }

    /// <summary>The bridge may lead the line elsewhere (vfio_intx_update).</summary>
    internal void UpdateRoute()
    {
        IntxRoute route = _bus.InterruptLines.RouteOf(_device.InterruptLine);
        if (route == _route) return;
        Decelerate();
        _route = route;
        if (route.Mode == IntxRouteMode.Disabled) return;
        Accelerate();

        // One that ended meanwhile would stay masked.
        EndOfInterrupt();
    }

    /// <summary>Disables the line on the host; the guest's goes down.</summary>
    public void Dispose()
    {
        Decelerate();
        KernelResult result = _host.DisableInterrupts(VfioPciIrqIndex.Intx);
        if (result.IsError) _device.Warn($"INTx cannot be disabled ({result})");
        _isPending = false;
        _device.DriveLine(false);
        _device.ShowMapped(true);
        Close();
    }

    private void Listen() => _listening = _bus.Events.Listen(_event, OnSignalled);

    private void Close()
    {
        _timer?.Dispose();
        _listening?.Dispose();
        _event.Dispose();
    }

    private void OnSignalled()
    {
        _isPending = true;
        _device.DriveLine(true);
        if (_bus.InterruptLines.ReportsEndOfInterrupt) return;

        // The guest's driver will access the device: that is to be seen.
        _device.ShowMapped(false);
        _timer?.Start(_timeout);
    }

    private void OnTimeout()
    {
        if (_isPending) _timer!.Start(_timeout);
        else _device.ShowMapped(true);
    }

    private void Unmask()
    {
        KernelResult result = _host.UnmaskInterrupt(VfioPciIrqIndex.Intx);
        if (result.IsError) _device.Warn($"INTx cannot be unmasked ({result}): the device has no more interrupts");
    }

    /// <summary>
    /// Hands the line to a hypervisor in the kernel (vfio_intx_enable_kvm). Whichever step fails, those before it are
    /// undone, and the line works as before.
    /// </summary>
    private void Accelerate()
    {
        if (_bus.Acceleration is not { SupportsLevelInterrupts: true } acceleration || _route.Mode != IntxRouteMode.Enabled) return;
        VfioEvent unmask;
        try
        {
            unmask = VfioEvent.Create(_bus.Events.Kernel, $"unmask eventfd of {_device.Id} INTx");
        }
        catch (VfioException exception)
        {
            _device.Warn($"INTx is delivered without {acceleration.Name}: {exception.Message}");
            return;
        }

        _listening?.Dispose();
        _host.MaskInterrupt(VfioPciIrqIndex.Intx);
        _isPending = false;
        _device.DriveLine(false);
        KernelResult result = acceleration.AddLevelInterrupt(_route.Interrupt, _event.Descriptor, unmask.Descriptor);
        string step = "taking the interrupt over";
        if (result.IsSuccess)
        {
            step = "giving the device its unmask eventfd";
            result = _host.SetUnmaskEvent(VfioPciIrqIndex.Intx, unmask.Descriptor);
            if (result.IsError) acceleration.RemoveLevelInterrupt(_route.Interrupt, _event.Descriptor);
        }

        if (result.IsSuccess)
        {
            _unmask = unmask;
            _device.ShowMapped(true);
        }
        else
        {
            _device.Warn($"INTx is delivered without {acceleration.Name}: {step} failed with {result}");
            unmask.Dispose();
            Listen();
        }

        Unmask();
    }

    /// <summary>Takes the line back (vfio_intx_disable_kvm): an interrupt that was missed fires again.</summary>
    private void Decelerate()
    {
        if (_unmask is not { } unmask) return;
        _host.MaskInterrupt(VfioPciIrqIndex.Intx);
        _isPending = false;
        _device.DriveLine(false);
        _bus.Acceleration!.RemoveLevelInterrupt(_route.Interrupt, _event.Descriptor);

        // The device's end goes by hang-up.
        unmask.Dispose();
        _unmask = null;
        Listen();
        Unmask();
    }
}
