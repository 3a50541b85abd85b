// SPDX-License-Identifier: MIT
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms.PowerNv;
using VfioSharp.Host.Platforms.Pseries;
using VfioSharp.Pci;

namespace VfioSharp.Host.Platforms;

/// <summary>A platform built from a machine description: its functions and their drivers. Groups are each platform's own.</summary>
public abstract class MachinePlatform : HostPlatform
{
    private readonly Dictionary<PciAddress, string?> _drivers = [];
    private readonly Dictionary<PciAddress, DeviceDescription> _virtualFunctions = [];
    private readonly IDeviceCatalog _catalog;

    /// <summary>Makes the functions; models come from <paramref name="catalog"/>.</summary>
    /// <exception cref="MachineFormatException">A device names a model that the catalog does not know.</exception>
    private protected MachinePlatform(MachineDescription machine, IDeviceCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(catalog);
        Machine = machine;
        _catalog = catalog;
        var functions = new List<PciFunction>();
        foreach (DeviceDescription device in machine.Devices)
        {
            PciFunction function = Create(device);
            functions.Add(function);
            _drivers.TryAdd(device.Address, device.Driver);
            if (device.VirtualFunction is not { } virtualFunction) continue;
            // A model that is not known is told of now, not when it is wanted.
            _ = Create(virtualFunction);
            _virtualFunctions.Add(device.Address, virtualFunction);
        }

        functions.Sort((left, right) => left.Address.CompareTo(right.Address));
        InitialFunctions = functions;
    }

    /// <summary>What the platform was built from.</summary>
    public MachineDescription Machine { get; }

    /// <inheritdoc/>
    public override string Name => Machine.Name;

    /// <inheritdoc/>
    public override int PageSize => Machine.PageSize;

    /// <inheritdoc/>
    public override uint DmaEntryLimit => Machine.DmaEntryLimit;

    /// <inheritdoc/>
    public override bool HasHugePages => Machine.HugePages is not null;

    /// <inheritdoc/>
    public override bool FaultsInMsixTable => Machine.FaultsInMsixTable;

    /// <summary>The functions that the machine begins with, by address.</summary>
    private protected IReadOnlyList<PciFunction> InitialFunctions { get; }

    /// <summary>Builds the platform that a machine is of.</summary>
    /// <exception cref="MachineFormatException">The machine is not one that its platform can be.</exception>
    public static MachinePlatform Create(MachineDescription machine, IDeviceCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return machine.Platform switch
        {
            PlatformKind.PowerNv => new PowerNvPlatform(machine, catalog),
            PlatformKind.Pseries => new PseriesPlatform(machine, catalog),
            _ => new X86Platform(machine, catalog),
        };
    }

    /// <inheritdoc/>
    public override string? InitialDriver(PciFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        // The host's drivers do not know a virtual function by its address alone.
        return function.PhysicalFunction is null ? _drivers.GetValueOrDefault(function.Address) : null;
    }

    /// <inheritdoc/>
    public override PciFunction? MakeFunction(PciAddress address) =>
        Machine.Devices.FirstOrDefault(device => device.Address == address) is { } device ? Create(device) : null;

    /// <inheritdoc/>
    public override PciFunction? MakeVirtualFunction(PciFunction physical, int index)
    {
        ArgumentNullException.ThrowIfNull(physical);
        if (!_virtualFunctions.TryGetValue(physical.Address, out DeviceDescription? description)) return null;
        if (SriovCapability.Find(physical) is not { } sriov || !sriov.TryAddress(physical.Address, index, out PciAddress address)) return null;
        PciFunction function = Create(description with
        {
            Address = address,
            Alias = Machine.Aliases.FirstOrDefault(alias => alias.Address == address).Name,
            Bars = [.. description.Bars.Select(bar => bar with { Start = bar.Start + (bar.Size * (ulong)index) })],
        });
        function.PhysicalFunction = physical;
        return function;
    }

    /// <summary>The function at an address, or null.</summary>
    public PciFunction? Find(PciAddress address) => Topology.Find(address);

    /// <summary>The function a script's name stands for, or null.</summary>
    public PciFunction? FindAlias(string alias)
    {
        ArgumentNullException.ThrowIfNull(alias);
        foreach (MachineAlias candidate in Machine.Aliases)
        {
            if (candidate.Name == alias) return Topology.Find(candidate.Address);
        }

        return null;
    }

    /// <summary>The group a function is in.</summary>
    public PlatformGroup GroupOf(PciFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Groups.First(group => group.Functions.Contains(function));
    }

    private PciFunction Create(DeviceDescription device) => _catalog.Create(device) ?? throw new MachineFormatException(
        Machine.Name, $"$.devices ({device.Address}).model", 0, string.Join(" or ", _catalog.Models), $"\"{device.Model}\"");
}
