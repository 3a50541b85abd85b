// SPDX-License-Identifier: MIT
using VfioSharp.Host.Groups;
using VfioSharp.Host.Pci;
using VfioSharp.Host.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Host;

// What happens to the machine from outside, and who uses it.
public sealed partial class SoftwareHost
{
    /// <summary>
    /// A device is drawn. Its user is asked to close it by the REQ interrupt, again every ten seconds, and the call waits
    /// until that happened (vfio_main.c: vfio_unregister_group_dev). ENODEV: there is none; EINVAL: a bridge, a virtual function.
    /// </summary>
    public KernelResult Detach(PciAddress address) => Functions.Find(address) is { } binding
        ? Drivers.Remove(binding)
        : KernelResult.Fail(Errno.ENODEV, $"detach: {address} is not in machine {Platform.Name}");

    /// <summary>
    /// A device that the machine describes is plugged in, as it was at first. ENODEV: the machine has none there; EEXIST: it
    /// is in place.
    /// </summary>
    public KernelResult Attach(PciAddress address)
    {
        if (Functions.Find(address) is not null) return KernelResult.Fail(Errno.EEXIST, $"attach: {address} is in machine {Platform.Name} already");
        return Platform.MakeFunction(address) is { } function
            ? Drivers.Add(function)
            : KernelResult.Fail(Errno.ENODEV, $"attach: machine {Platform.Name} describes no device at {address}");
    }

    /// <summary>
    /// A device interrupts without a cause: by the message that its user enabled, else by a pulse of INTx. ENODEV: it is not
    /// there or not open; EINVAL: it has no such vector; EIO: it may not interrupt now.
    /// </summary>
    public KernelResult InjectInterrupt(PciAddress address, int vector) => Functions.Find(address)?.Function is ModelledFunction function
        ? function.InjectInterrupt(vector)
        : KernelResult.Fail(Errno.ENODEV, $"interrupt: {address} is not in machine {Platform.Name}");

    /// <summary>
    /// A device reports an error (AER), which its user hears by the ERR interrupt. ENODEV: it is not there or not open;
    /// EINVAL: it is not PCI Express; ENOENT: its user does not listen.
    /// </summary>
    public KernelResult InjectError(PciAddress address)
    {
        using (_registry.Lock.EnterScope())
        {
            return Functions.Find(address)?.Device is VfioPciDevice device
                ? device.ReportError()
                : KernelResult.Fail(Errno.ENODEV, $"error: {address} is not bound to vfio-pci in machine {Platform.Name}");
        }
    }

    /// <summary>
    /// A device reads one byte from an address it has no business with. What is not mapped there becomes a fault: recorded on
    /// x86, a freeze on POWER. EEXIST: the address is mapped, so nothing happened.
    /// </summary>
    public KernelResult InjectFault(PciAddress address, Iova iova)
    {
        if (Functions.Find(address)?.Function is not { Dma: { } port }) return KernelResult.Fail(Errno.ENODEV, $"fault: {address} is not in machine {Platform.Name}");
        Span<byte> one = stackalloc byte[1];
        return port.Read(iova, one)
            ? KernelResult.Fail(Errno.EEXIST, $"fault: {address} read from iova 0x{iova.Value:x}, which is mapped")
            : KernelResult.Success;
    }

    /// <summary>Who uses which group and device, at one moment.</summary>
    public IReadOnlyList<GroupUse> ListGroupUses()
    {
        using (_registry.Lock.EnterScope())
        {
            return [.. Functions.Groups.Select(group => new GroupUse(
                group.Id,
                _registry.Find(group.Id)?.OpenedBy,
                [.. group.Members.Select(Use)]))];
        }
    }

    private static DeviceUse Use(FunctionBinding binding) =>
        new(binding.Function.Address, binding.Driver, binding.Device?.OpenCount ?? 0, binding.Device?.Released is not null);
}
