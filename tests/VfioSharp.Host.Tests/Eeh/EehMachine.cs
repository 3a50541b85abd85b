// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Host.Tests.Eeh;

/// <summary>
/// A small machine with error handling: one endpoint behind a root port (domain 1), and two functions that share an
/// endpoint behind a bridge further down (domain 2).
/// </summary>
internal sealed class EehMachine : IDisposable
{
    private readonly EehPlatform _platform;
    private readonly ulong _memory;

    /// <summary>A PowerNV machine.</summary>
    public EehMachine(EehBehaviour behaviour = EehBehaviour.Hardware, uint identity = 0x11e8_1234)
        : this(topology => new PowerNvEeh(PowerNvFirmware.Of(behaviour), topology), identity)
    {
    }

    private EehMachine(Func<Func<PciTopology>, EehOperations> make, uint identity)
    {
        _platform = new EehPlatform(make, identity);
        Host = new SoftwareHost(_platform);
        Process = Host.CreateProcess("eeh");
        _memory = (ulong)Process.MapAnonymous(4096, 4096, MemoryProtection.ReadWrite, MemoryKind.Private).Value;
    }

    /// <summary>A pSeries partition whose firmware handles errors of its devices.</summary>
    public static EehMachine Pseries() => new(_ => new PseriesEeh(), 0x11e8_1234);

    public SoftwareHost Host { get; }

    public SoftwareProcess Process { get; }

    public EehSubsystem Eeh => _platform.Eeh!;

    /// <summary>The function that is alone in its endpoint.</summary>
    public EehFunction Single => _platform.Single;

    public EehPe Pe => EehSubsystem.Find(Single)!;

    /// <summary>The two functions of one endpoint, below a bridge that is not the root port.</summary>
    public EehFunction First => _platform.First;

    public EehFunction Second => _platform.Second;

    public EehPe Shared => EehSubsystem.Find(First)!;

    public long State => Eeh.GetState(Pe).RawValue;

    /// <summary>Opens a function in a container of its group's own, or says why not.</summary>
    public KernelResult Open(EehFunction function)
    {
        int group = (int)Process.Open($"/dev/vfio/{_platform.GroupOf(function)}", OpenMode.ReadWrite).Value;
        int container = (int)Process.Open("/dev/vfio/vfio", OpenMode.ReadWrite).Value;
        Process.Memory.TryWrite(_memory, MemoryMarshal.AsBytes(new Span<int>(ref container)));
        Assert.Equal(KernelResult.Success, Process.Ioctl(group, VfioIoctl.GroupSetContainer, _memory));
        Assert.Equal(KernelResult.Success, Process.Ioctl(container, VfioIoctl.SetIommu, VfioExtension.Type1V2));
        KernelResult opened = Open(group, function);
        if (opened.IsError) Process.Close(group);
        return opened;
    }

    public KernelResult Open(int group, EehFunction function)
    {
        byte[] name = [.. System.Text.Encoding.ASCII.GetBytes(function.Address.ToString()), 0];
        Process.Memory.TryWrite(_memory, name);
        return Process.Ioctl(group, VfioIoctl.GroupGetDeviceFd, _memory);
    }

    /// <summary>Reads four bytes of a region.</summary>
    public KernelResult Read(long device, int region, ulong offset, out uint value)
    {
        KernelResult result = Process.Read((int)device, _memory, 4, ((ulong)region << 40) + offset);
        value = 0;
        if (result.IsSuccess) Process.Memory.TryRead(_memory, MemoryMarshal.AsBytes(new Span<uint>(ref value)));
        return result;
    }

    /// <summary>Writes bytes to a region.</summary>
    public KernelResult Write(long device, int region, ulong offset, params byte[] bytes)
    {
        Process.Memory.TryWrite(_memory, bytes);
        return Process.Write((int)device, _memory, (ulong)bytes.Length, ((ulong)region << 40) + offset);
    }

    public void Dispose()
    {
        Process.Dispose();
        Host.Dispose();
    }

    private sealed class EehPlatform : HostPlatform
    {
        private readonly EehSubsystem _eeh;

        public EehPlatform(Func<Func<PciTopology>, EehOperations> make, uint identity)
        {
            EehFunction port1 = EehFunction.Bridge(new PciAddress(1, 0, 0, 0), 1);
            Single = EehFunction.Endpoint(new PciAddress(1, 1, 0, 0), identity);
            EehFunction port2 = EehFunction.Bridge(new PciAddress(2, 0, 0, 0), 1);
            EehFunction bridge = EehFunction.Bridge(new PciAddress(2, 1, 0, 0), 2);
            First = EehFunction.Endpoint(new PciAddress(2, 2, 1, 0), 0x11e8_1234);
            Second = EehFunction.Endpoint(new PciAddress(2, 2, 2, 0), 0x11e8_1234);
            Populate([port1, Single, port2, bridge, First, Second], _ =>
            [
                MakeGroup(1, Single),
                MakeGroup(2, First, Second),
            ]);
            _eeh = new EehSubsystem(make(() => Topology));
            var phb1 = new EehPhb(1);
            var phb2 = new EehPhb(2);
            EehPe root1 = _eeh.Add(phb1, 0xfe, EehPeKind.Bus, null);
            EehPe root2 = _eeh.Add(phb2, 0xfe, EehPeKind.Bus, null);
            EehPe middle = _eeh.Add(phb2, 1, EehPeKind.Bus, root2);
            _eeh.Join(root1, port1);
            _eeh.Join(_eeh.Add(phb1, 1, EehPeKind.Bus, root1), Single);
            _eeh.Join(root2, port2);
            _eeh.Join(middle, bridge);
            EehPe shared = _eeh.Add(phb2, 2, EehPeKind.Bus, middle);
            _eeh.Join(shared, First);
            _eeh.Join(shared, Second);
        }

        public EehFunction Single { get; }

        public EehFunction First { get; }

        public EehFunction Second { get; }

        public override string Name => "eeh";

        public override int PageSize => 4096;

        public override uint DmaEntryLimit => 65535;

        internal override EehSubsystem? Eeh => _eeh;

        public int GroupOf(EehFunction function) => Groups.First(group => group.Functions.Contains(function)).Id;

        public override string? InitialDriver(PciFunction function) => Groups.Any(group => group.Functions.Contains(function)) ? "vfio-pci" : null;

        protected override PlatformGroup PlaceNew(PciFunction function, PciTopology topology) => MakeGroup(FreeGroupNumber(), function);

        private static PlatformGroup MakeGroup(int id, params PciFunction[] members) =>
            new(id, members, [], 0x1000, new Iova(0), new Iova(ulong.MaxValue));
    }
}

/// <summary>A function that counts what reaches it.</summary>
internal sealed class EehFunction : ModelledFunction
{
    public const uint Register = 0x1234_5678;

    private EehFunction(DeviceDescription description)
        : base(description)
    {
    }

    public int Stores { get; private set; }

    public int Resets { get; private set; }

    public static EehFunction Endpoint(PciAddress address, uint identity)
    {
        var config = new byte[64];
        BitConverter.TryWriteBytes(config, identity);
        BitConverter.TryWriteBytes(config.AsSpan(0x10), 0x8000_0000);
        return new EehFunction(Describe(address, config, [new PciBar(0, 0x8000_0000, 0x1000, 0x200)], [PciResetMethod.Bus]));
    }

    public static EehFunction Bridge(PciAddress address, byte secondary)
    {
        var config = new byte[64];
        BitConverter.TryWriteBytes(config, 0x04c1_1014);
        config[ConfigOffset.HeaderType] = 1;
        (config[0x18], config[0x19], config[0x1a]) = (address.Bus, secondary, secondary);
        return new EehFunction(Describe(address, config, [], []));
    }

    public override ulong ReadBar(int bar, ulong offset, int width) => Register;

    public override void WriteBar(int bar, ulong offset, int width, ulong value) => Stores++;

    protected override void OnReset(PciResetMethod method) => Resets++;

    private static DeviceDescription Describe(PciAddress address, byte[] config, PciBar[] bars, PciResetMethod[] resets) =>
        new("fake", address, null, null, config, 256, bars, resets, ConfigEmulation.Hardware, [], []);
}
