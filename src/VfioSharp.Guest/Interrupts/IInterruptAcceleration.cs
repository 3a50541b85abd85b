// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Interrupts;

/// <summary>
/// What a hypervisor in the kernel offers (KVM: irqfd, resamplefd, routes of messages): a device's eventfd becomes the
/// guest's interrupt with no program in between. Without it, or when it refuses, <see cref="EventLoop"/> listens and the
/// interrupt is injected from there.
/// </summary>
/// <remarks>Called with the machine's lock held. A refusal is an answer; the caller goes on without acceleration.</remarks>
public interface IInterruptAcceleration
{
    /// <summary>What it is, for a person: <c>KVM</c>.</summary>
    string Name { get; }

    /// <summary>Whether level interrupts can be had, which need a second eventfd for their end (KVM_CAP_IRQFD_RESAMPLE).</summary>
    bool SupportsLevelInterrupts { get; }

    /// <summary>Makes each signal of an eventfd assert an input of the interrupt controller until its end, which it tells.</summary>
    /// <param name="interrupt">The input, from <see cref="IntxRoute.Interrupt"/>.</param>
    /// <param name="eventDescriptor">Signalled by the device.</param>
    /// <param name="resampleDescriptor">Signalled by the hypervisor when the guest has finished with the interrupt.</param>
    KernelResult AddLevelInterrupt(int interrupt, int eventDescriptor, int resampleDescriptor);

    /// <summary>Ends what <see cref="AddLevelInterrupt"/> began.</summary>
    void RemoveLevelInterrupt(int interrupt, int eventDescriptor);

    /// <summary>Makes each signal of an eventfd a message; the value names the route.</summary>
    KernelResult AddMessage(MsiMessage message, int eventDescriptor);

    /// <summary>Changes the message of a route.</summary>
    KernelResult UpdateMessage(int route, MsiMessage message);

    /// <summary>Ends what <see cref="AddMessage"/> began.</summary>
    void RemoveMessage(int route, int eventDescriptor);
}
