// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Cli.Lspci;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Cli.Snapshots;

/// <summary>Makes a machine of what <c>lspci</c> printed: each function a snapshot.</summary>
internal static class SnapshotMachine
{
    // What a machine has whose processor's IOMMU nobody asked: VT-d's usual pages and width, x86's MSI window.
    private static readonly IommuDescription s_iommu = new(
        0x40201000, 48, [new ReservedRange(new Iova(0xfee00000), new Iova(0xfeefffff), "msi")]);

    private const ulong Ram = 1UL << 30;
    private const uint DmaEntryLimit = 65535;

    /// <summary>The machine.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="functions">What lspci printed.</param>
    /// <param name="notes">Where things are told that could not be taken over.</param>
    public static MachineDescription Build(string name, IReadOnlyList<LspciFunction> functions, ICollection<string> notes)
    {
        var devices = new List<DeviceDescription>();
        foreach (LspciFunction function in functions) devices.Add(Device(function, functions, notes));
        PciAddress[] without = [.. functions.Where(function => function.Bars.Count == 0 && HasBars(new ConfigView(function.Config.ToArray()))).Select(function => function.Address)];
        if (without.Length != 0) notes.Add($"no Region lines with sizes, so no BARs, for {string.Join(", ", without)}: run lspci on the machine with -vvv");
        return new MachineDescription(name, PlatformKind.X86, 4096, Ram, null, DmaEntryLimit, s_iommu, [], devices);
    }

    /// <summary>Tells where the machine's IOMMU groups, which follow from its bytes, are not those lspci printed.</summary>
    public static void CompareGroups(IReadOnlyList<LspciFunction> functions, IReadOnlyList<PlatformGroup> groups, ICollection<string> notes)
    {
        Dictionary<PciAddress, int> computed = [];
        foreach (PlatformGroup group in groups)
            foreach (PciFunction function in group.Functions)
                computed[function.Address] = group.Id;
        foreach (IGrouping<int, LspciFunction> printed in functions.Where(function => function.Group is not null).GroupBy(function => function.Group!.Value))
        {
            int[] ids = [.. printed.Select(function => computed.GetValueOrDefault(function.Address, -1)).Distinct()];
            string members = string.Join(", ", printed.Select(function => function.Address));
            if (ids.Length > 1) notes.Add($"IOMMU group {printed.Key} ({members}) is {ids.Length} groups in the machine");
            else if (functions.Any(other => other.Group is { } id && id != printed.Key && computed.GetValueOrDefault(other.Address, -1) == ids[0]))
                notes.Add($"IOMMU group {printed.Key} ({members}) is joined with another in the machine");
        }
    }

    private static DeviceDescription Device(LspciFunction function, IReadOnlyList<LspciFunction> all, ICollection<string> notes)
    {
        byte[] config = [.. function.Config];
        if (config.Length < ConfigOffset.ConventionalSize)
            notes.Add($"{function.Address}: only {config.Length} configuration bytes, no capabilities: run lspci -xxxx as root");
        var view = new ConfigView(config);
        if (view.VendorId == 0xffff) FillVirtual(function, config, all, notes);
        string? driver = function.Driver;
        if (driver == "vfio-pci" && (view.Read8(ConfigOffset.HeaderType) & 0x7f) != 0) driver = null;
        return new DeviceDescription(
            "snapshot", function.Address, null, driver, config,
            config.Length > ConfigOffset.ConventionalSize ? ConfigOffset.ExtendedSize : ConfigOffset.ConventionalSize,
            function.Bars, Resets(view, function, all), ConfigEmulation.Hardware, [], []);
    }

    private static bool HasBars(ConfigView view)
    {
        int end = view.IsBridge ? ConfigOffset.Bar0 + 8 : ConfigOffset.BarsEnd;
        if ((view.Read8(ConfigOffset.HeaderType) & 0x7f) > 1) return false;
        for (int offset = ConfigOffset.Bar0; offset < end; offset += 4)
            if (view.Read32(offset) != 0)
                return true;
        return false;
    }

    // A virtual function's ids read as ones, its BARs as 0: they are in the physical function's SR-IOV capability.
    private static void FillVirtual(LspciFunction function, byte[] config, IReadOnlyList<LspciFunction> all, ICollection<string> notes)
    {
        foreach (LspciFunction physical in all)
        {
            var view = new ConfigView(physical.Config.ToArray());
            int sriov = view.FindExtendedCapability(PciExtendedCapabilityId.SingleRootIov);
            if (sriov == 0 || physical.Address.Segment != function.Address.Segment) continue;
            int count = view.Read16(sriov + PciSriov.NumVf);
            for (int i = 0; i < count; i++)
            {
                if (physical.Address.RequesterId + view.Read16(sriov + PciSriov.VfOffset) + (view.Read16(sriov + PciSriov.VfStride) * i) != function.Address.RequesterId) continue;
                BitConverter.TryWriteBytes(config.AsSpan(ConfigOffset.VendorId), view.VendorId);
                BitConverter.TryWriteBytes(config.AsSpan(ConfigOffset.DeviceId), view.Read16(sriov + PciSriov.VfDid));
                FillBars(function, config);
                return;
            }
        }

        notes.Add($"{function.Address}: vendor and device id read ffff: the device does not answer, or its physical function is not in the file");
    }

    private static void FillBars(LspciFunction function, byte[] config)
    {
        foreach (PciBar bar in function.Bars)
        {
            if (bar.Index > 5) continue;
            int offset = ConfigOffset.Bar0 + (4 * bar.Index);
            BitConverter.TryWriteBytes(config.AsSpan(offset), (uint)(bar.Start | (bar.Flags & 0xf)));
            if (bar.Is64Bit && bar.Index < 5) BitConverter.TryWriteBytes(config.AsSpan(offset + 4), (uint)(bar.Start >> 32));
        }
    }

    // drivers/pci/pci.c: pcie_reset_flr, pci_af_flr, pci_pm_reset, pci_parent_bus_reset, asked whether they would work.
    private static List<PciResetMethod> Resets(ConfigView view, LspciFunction function, IReadOnlyList<LspciFunction> all)
    {
        List<PciResetMethod> methods = [];
        int express = view.FindCapability(PciCapabilityId.Express);
        if (express != 0 && (view.Read32(express + PciExp.DevCap) & PciExpDevCap.Flr) != 0) methods.Add(PciResetMethod.Flr);
        int advanced = view.FindCapability(PciCapabilityId.AdvancedFeatures);
        if (advanced != 0 && (view.Read8(advanced + 3) & 3) == 3) methods.Add(PciResetMethod.AfFlr);
        int power = view.FindCapability(PciCapabilityId.PowerManagement);
        if (power != 0 && (view.Read16(power + PciPm.Ctrl) & PciPm.CtrlNoSoftReset) == 0) methods.Add(PciResetMethod.PowerManagement);
        bool alone = all.Count(other => other.Address.Segment == function.Address.Segment && other.Address.Bus == function.Address.Bus) == 1;
        bool behindBridge = all.Any(other => other.Address.Segment == function.Address.Segment && IsBridgeTo(new ConfigView(other.Config.ToArray()), function.Address.Bus));
        if (!view.IsBridge && alone && behindBridge) methods.Add(PciResetMethod.Bus);
        return methods;
    }

    private static bool IsBridgeTo(ConfigView view, byte bus) => view.IsBridge && bus != 0 && view.Read8(ConfigOffset.SecondaryBus) == bus;
}
