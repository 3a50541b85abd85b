// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Interrupts;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests.Pci;

/// <summary>A hypervisor that writes down what is asked of it, and refuses what a test says.</summary>
internal sealed class FakeAcceleration : IInterruptAcceleration
{
    private int _nextRoute = 1;

    public List<string> Calls { get; } = [];

    public bool RefusesLevel { get; set; }

    public bool RefusesMessages { get; set; }

    /// <summary>Eventfds it delivers now, with what they become.</summary>
    public Dictionary<int, string> Delivered { get; } = [];

    public int ResampleDescriptor { get; private set; } = -1;

    public string Name => "fake KVM";

    public bool SupportsLevelInterrupts { get; init; } = true;

    public KernelResult AddLevelInterrupt(int interrupt, int eventDescriptor, int resampleDescriptor)
    {
        Calls.Add($"add level {interrupt}");
        if (RefusesLevel) return KernelResult.Fail(Errno.EINVAL, "no level interrupts today");
        Delivered[eventDescriptor] = $"level {interrupt}";
        ResampleDescriptor = resampleDescriptor;
        return KernelResult.Success;
    }

    public void RemoveLevelInterrupt(int interrupt, int eventDescriptor)
    {
        Calls.Add($"remove level {interrupt}");
        Delivered.Remove(eventDescriptor);
    }

    public KernelResult AddMessage(MsiMessage message, int eventDescriptor)
    {
        Calls.Add($"add message {message}");
        if (RefusesMessages) return KernelResult.Fail(Errno.ENOSPC, "no routes today");
        Delivered[eventDescriptor] = $"message {message}";
        return KernelResult.Ok(_nextRoute++);
    }

    public KernelResult UpdateMessage(int route, MsiMessage message)
    {
        Calls.Add($"update route {route}: {message}");
        return KernelResult.Success;
    }

    public void RemoveMessage(int route, int eventDescriptor)
    {
        Calls.Add($"remove route {route}");
        Delivered.Remove(eventDescriptor);
    }
}
