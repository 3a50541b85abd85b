// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Commands;
using VfioSharp.Host;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Machines;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Cli.HostControl;

/// <summary>What a host does on command, programs apart.</summary>
internal sealed class HostOperations(string name, SoftwareHost host, MachineDescription machine, HostPrograms programs)
{
    /// <summary>Does what is asked.</summary>
    public HostAnswer Answer(HostRequest request) => request.Verb switch
    {
        HostVerb.Status => new HostAnswer(ExitCodes.Success, Status: Status()),
        HostVerb.Stop => new HostAnswer(ExitCodes.Success),
        HostVerb.Attach => On(request, host.Attach, "vfio host status lists what is there"),
        HostVerb.Detach => On(request, host.Detach, "vfio host status lists what is there"),
        HostVerb.Freeze => On(request, address => host.Freeze(address, PeFreeze.All), "errors freeze endpoints of POWER machines: --machine powernv or pseries"),
        HostVerb.InjectInterrupt => On(request, address => host.InjectInterrupt(address, request.Vector), "its user has to open the device and enable that interrupt first"),
        HostVerb.InjectError => On(request, host.InjectError, "the device has to be PCI Express, and its user has to open it and give an eventfd for ERR"),
        HostVerb.InjectFault => On(request, address => host.InjectFault(address, new Iova(request.Iova)), "name an address that is not mapped by --iova"),
        _ => new HostAnswer(ExitCodes.Usage, $"{request.Verb} is no request of its own", "use the vfio of the same version as the host's"),
    };

    private HostAnswer On(HostRequest request, Func<PciAddress, KernelResult> act, string remedy)
    {
        if (request.Device is not { } wanted || Find(wanted) is not { } address)
            return new HostAnswer(ExitCodes.Usage, $"machine {machine.Name} has no device '{request.Device}'", "vfio host status lists its devices; name one by alias or address");
        KernelResult result = act(address);
        return result.IsError ? new HostAnswer(ExitCodes.Failure, $"{result.Errno}: {result.Reason}", remedy) : new HostAnswer(ExitCodes.Success);
    }

    private PciAddress? Find(string wanted)
    {
        foreach (MachineAlias alias in machine.Aliases)
            if (alias.Name == wanted) return alias.Address;
        return PciAddress.TryParse(wanted, out PciAddress address) || PciAddress.TryParse("0000:" + wanted, out address) ? address : null;
    }

    private HostStatus Status() => new(
        name,
        Environment.ProcessId,
        machine.Name,
        machine.Platform.ToString().ToLowerInvariant(),
        programs.List(),
        [.. host.ListGroupUses().Select(group => new UsedGroup(group.Id, group.OpenedBy, [.. group.Devices.Select(Use)]))],
        [.. machine.Devices.Where(device => host.Platform.Topology.Find(device.Address) is null).Select(device => device.Address.ToString())],
        host.Faults.Count);

    private UsedDevice Use(DeviceUse use) => new(
        use.Address.ToString(),
        machine.Aliases.FirstOrDefault(alias => alias.Address == use.Address).Name,
        use.Driver, use.OpenFiles, use.IsWantedBack);
}
