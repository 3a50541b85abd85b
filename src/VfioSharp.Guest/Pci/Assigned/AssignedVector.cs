// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Interrupts;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>
/// A message vector in use: an eventfd that a hypervisor in the kernel turns into the message, or that is listened to.
/// Made, changed and disposed with the machine's lock held.
/// </summary>
internal sealed class AssignedVector : IDisposable
{
    private readonly IInterruptAcceleration? _acceleration;
    private readonly IDisposable? _listening;
    private readonly int _route = -1;
    private MsiMessage _message;

    private AssignedVector(AssignedPciDevice device, VfioEvent source, string name, MsiMessage message, Action signalled)
    {
        GuestPciBus bus = device.Bus!;
        _message = message;
        Event = source;
        if (bus.Acceleration is { } acceleration)
        {
            KernelResult added = acceleration.AddMessage(message, Event.Descriptor);
            if (added.IsSuccess)
            {
                _route = (int)added.Value;
                _acceleration = acceleration;
                return;
            }

            device.Warn($"{name}: {acceleration.Name} refused message {message} ({added}): it is delivered without");
        }

        _listening = bus.Events.Listen(Event, signalled);
    }

    internal VfioEvent Event { get; }

    /// <summary>A vector that sends <paramref name="message"/>; null, with a warning, when there is no eventfd for it.</summary>
    internal static AssignedVector? Create(AssignedPciDevice device, string name, MsiMessage message, Action signalled)
    {
        try
        {
            var source = VfioEvent.Create(device.Bus!.Events.Kernel, $"eventfd of {device.Id} {name}");
            return new AssignedVector(device, source, name, message, signalled);
        }
        catch (VfioException exception)
        {
            device.Warn($"{name} has no interrupts: {exception.Message}");
            return null;
        }
    }

    internal bool IsAccelerated => _acceleration is not null;

    /// <summary>The guest changed the message.</summary>
    internal void Update(MsiMessage message)
    {
        if (message == _message) return;
        _message = message;
        _acceleration?.UpdateMessage(_route, message);
    }

    public void Dispose()
    {
        _listening?.Dispose();
        _acceleration?.RemoveMessage(_route, Event.Descriptor);
        Event.Dispose();
    }
}
