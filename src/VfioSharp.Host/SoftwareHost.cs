// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Files;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Iommu;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Iommu.Type1;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Host.Sysfs;
using VfioSharp.Host.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Host;

/// <summary>
/// The software host: a machine with its IOMMU groups, the kernel's VFIO on top, and the nodes and attributes that
/// programs open. Serves any number of callers at once. Thread-safe.
/// </summary>
public sealed partial class SoftwareHost : IDisposable
{
    private readonly GroupRegistry _registry = new();
    private readonly HostActivity _activity = new();
    private readonly IReadOnlyList<IIommuDriverModule> _modules;

    // Why the kernel has no IOMMU driver, where it has none.
    private readonly string? _missingDriver;

    /// <summary>Starts a machine: groups are made, the initial drivers bound.</summary>
    /// <param name="platform">The machine. One host a platform.</param>
    /// <param name="fidelity">Which of Linux's oddities to copy.</param>
    public SoftwareHost(HostPlatform platform, Fidelity fidelity = Fidelity.Linux)
    {
        Platform = platform;
        Fidelity = fidelity;
        Type1Parameters = new Type1Parameters(platform.DmaEntryLimit);
        KernelResult registered = RegisterIommuDriver(out IIommuDriverModule? module);
        _modules = module is null ? [] : [module];
        _missingDriver = registered.Reason;
        Faults = new IommuFaultLog();
        Functions = new MachineFunctions(platform, _registry, Faults, _activity);
        IEnumerable<string> initial = platform.Functions.Select(platform.InitialDriver).OfType<string>();
        Drivers = new HostDrivers(platform, _registry, Functions, VfioPciParameters, platform.HostDrivers.Concat(initial), MakeVfioDevice);
        foreach (FunctionBinding binding in Functions.All)
        {
            if (platform.InitialDriver(binding.Function) is not { } driver) continue;
            binding.DriverOverride = driver == "vfio-pci" ? driver : null;
            KernelResult bound = Drivers.Bind(binding, driver);
            if (bound.IsError) throw new InvalidOperationException($"machine {platform.Name}: {bound.Reason}");
        }

        Sysfs = new SysfsModel(this, _registry);
    }

    /// <summary>The machine the host plays.</summary>
    public HostPlatform Platform { get; }

    /// <summary>Which of Linux's oddities the host copies.</summary>
    public Fidelity Fidelity { get; }

    /// <summary>The kernel's page size in bytes.</summary>
    public int PageSize => Platform.PageSize;

    /// <summary>What programs read and write in sysfs about the machine's devices.</summary>
    public SysfsModel Sysfs { get; }

    /// <summary>DMA that was not translated.</summary>
    public IommuFaultLog Faults { get; }

    /// <summary>Who hears of DMA and interrupts; null: nobody.</summary>
    public IHostObserver? Observer
    {
        get => _activity.Observer;
        set => _activity.Observer = value;
    }

    /// <summary>Module parameters of vfio_iommu_type1.</summary>
    internal Type1Parameters Type1Parameters { get; }

    /// <summary>Module parameters of vfio-pci.</summary>
    internal VfioPciParameters VfioPciParameters { get; } = new();

    internal MachineFunctions Functions { get; }

    internal HostDrivers Drivers { get; }

    /// <summary>Makes a process that uses the host from inside this one.</summary>
    /// <param name="name">What it is called in messages.</param>
    public SoftwareProcess CreateProcess(string name) => new(this, name);

    /// <summary>The partitionable endpoints of a POWER machine with error handling, as they are now; none elsewhere.</summary>
    public IReadOnlyList<PartitionableEndpoint> PartitionableEndpoints() => Platform.Eeh?.Snapshot() ?? [];

    /// <summary>The DMA windows of a POWER machine's endpoints, as they are now; none elsewhere.</summary>
    public IReadOnlyList<EndpointWindows> ListWindows()
    {
        using (_registry.Lock.EnterScope())
            return [.. Functions.Groups.OrderBy(group => group.Id).Select(EndpointWindows.Read).OfType<EndpointWindows>()];
    }

    /// <summary>The entries of the tables of a function's endpoint that are not empty, by bus address in each window; none off POWER.</summary>
    public IReadOnlyList<WindowEntry> ListEntries(PciAddress function)
    {
        using (_registry.Lock.EnterScope()) return Functions.Find(function)?.Group is { } group ? EndpointWindows.ReadEntries(group) : [];
    }

    /// <summary>
    /// An error happens: the hardware stops exactly what is named of the endpoint a function belongs to, and lets the rest
    /// go. ENODEV: there is no such function, or errors of it are not handled on this machine.
    /// </summary>
    public KernelResult Freeze(PciAddress address, PeFreeze what)
    {
        if (Platform.Topology.Find(address) is not { } function) return KernelResult.Fail(Errno.ENODEV, $"freeze: {address} is not in machine {Platform.Name}");
        if (Platform.Eeh is not { } eeh || EehSubsystem.Find(function) is not { } pe)
        {
            return KernelResult.Fail(Errno.ENODEV, $"freeze: {address} of machine {Platform.Name} belongs to no partitionable endpoint");
        }

        eeh.Freeze(pe, what);
        return KernelResult.Success;
    }

    /// <summary>Whether the host serves a path below /dev.</summary>
    public bool HasNode(string path) =>
        path == "/dev/vfio/vfio" || (TryGroupNumber(path, out int id) && _registry.HasNode(id));

    /// <summary>The names below /dev/vfio.</summary>
    public IReadOnlyList<string> NodeNames() =>
        [.. _registry.Nodes().Select(id => id.ToString(CultureInfo.InvariantCulture)), "vfio"];

    /// <summary>Opens a node for a caller. The file's first reference is the caller's.</summary>
    public KernelResult Open(Caller caller, string path, OpenMode mode, out HostFile? file)
    {
        file = null;
        if (path == "/dev/vfio/vfio")
        {
            file = new ContainerFile(_registry, new VfioContainer(_modules, _missingDriver), ContainerKind);
            return KernelResult.Success;
        }

        if (!TryGroupNumber(path, out int id)) return KernelResult.Fail(Errno.ENOENT, $"open: {path} does not exist on machine {Platform.Name}");
        KernelResult opened = _registry.Open(id, caller.Name, out GroupFile? group);
        file = group;
        return opened;
    }

    private VfioFileKind ContainerKind => Platform is PowerPlatform ? VfioFileKind.SpaprContainer : VfioFileKind.Type1Container;

    private static bool TryGroupNumber(string path, out int id)
    {
        const string Prefix = "/dev/vfio/";
        id = -1;
        if (!path.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        ReadOnlySpan<char> name = path.AsSpan(Prefix.Length);
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out id) && (name.Length == 1 || name[0] != '0');
    }

    private KernelResult RegisterIommuDriver(out IIommuDriverModule? module)
    {
        if (Platform is PowerPlatform power) return SpaprTceModule.TryRegister(power, Fidelity, out module);
        module = new Type1Module(Platform.PageSize, Type1Parameters, Fidelity);
        return KernelResult.Success;
    }

    private VfioPciDevice MakeVfioDevice(PciFunction function) =>
        new(function, Platform, other => Functions.Find(other.Address)?.Device as VfioPciDevice);

    /// <summary>Stops the machine's devices. Callers' files may still be released afterwards.</summary>
    public void Dispose()
    {
        foreach (PciFunction function in Platform.Functions) (function as IDisposable)?.Dispose();
        using (_registry.Lock.EnterScope())
        {
            foreach (IommuGroup group in Functions.Groups) group.Platform.Tables?.Retire(isTaken: group.Owner is not null);
        }
    }
}
