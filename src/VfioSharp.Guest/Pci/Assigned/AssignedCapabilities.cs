// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Guest.Containers;
using VfioSharp.Pci;
using PciStatus = VfioSharp.Pci.PciStatus;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>
/// The capability lists of an assigned device: where the device has them, in its order, without those that a guest cannot
/// use (hw/vfio/pci.c: vfio_add_std_cap, vfio_add_ext_cap).
/// </summary>
internal sealed class AssignedCapabilities
{
    private readonly AssignedPciDevice _device;
    private readonly AssignedConfigSpace _space;
    private readonly ConfigImage _image;

    /// <summary>Reads both lists from the image, and emulates their links.</summary>
    /// <exception cref="DeviceAssignmentException">The list is broken, or the device is of a kind that cannot be assigned.</exception>
    public AssignedCapabilities(AssignedPciDevice device, AssignedConfigSpace space, ConfigImage image)
    {
        (_device, _space, _image) = (device, space, image);
        LinkStandard();
        if (device.ConfigSize > ConfigOffset.ConventionalSize) LinkExtended();
    }

    /// <summary>Where the MSI capability is; 0: there is none for the guest.</summary>
    public int Msi { get; private set; }

    /// <summary>Where the MSI-X capability is; 0: there is none for the guest.</summary>
    public int Msix { get; private set; }

    /// <summary>Where the power management capability is; 0: there is none.</summary>
    public int PowerManagement { get; private set; }

    /// <summary>Whether the function can be reset by itself (FLR).</summary>
    public bool HasFunctionReset { get; private set; }

    /// <summary>Whether leaving D3hot resets the function.</summary>
    public bool HasPowerReset { get; private set; }

    private void LinkStandard()
    {
        // The links are the guest's own, so that what it cannot use is left out.
        int link = ConfigOffset.CapabilityPointer;
        foreach (int position in FindStandard())
        {
            if (!Accept(position)) continue;
            _space.Emulate(link, 1, (uint)position, 0xff);
            link = position + PciCapability.ListNext;
        }

        _space.Emulate(link, 1, 0, 0xff);
        uint list = (uint)PciStatus.CapabilityList;
        _space.Emulate(ConfigOffset.Status, 2, link == ConfigOffset.CapabilityPointer ? 0 : list, list);
    }

    private List<int> FindStandard()
    {
        var positions = new List<int>();
        ConfigView view = _image.View;
        for (int position = view.FirstCapability; position != 0; position = view.NextCapability(position))
        {
            if (positions.Contains(position)) throw Broken(position, "is in the list twice");
            positions.Add(position);
        }

        // A capability takes the bytes up to the next one that follows it in the space.
        foreach (int position in positions)
        {
            int end = positions.Where(other => other > position).DefaultIfEmpty(ConfigOffset.ConventionalSize).Min();
            int length = (PciCapabilityId)view.Read8(position) is PciCapabilityId.Msi or PciCapabilityId.MsiX ? CapabilityLength.Of(view, position) : 2;
            if (position + length > end) throw Broken(position, $"has {length} bytes, and there are {end - position}");
        }

        return positions;
    }

    private DeviceAssignmentException Broken(int position, string what) => new(
        $"capability 0x{_image.Bytes[position]:x2} of {_device.Host} at 0x{position:x2} {what}",
        "The device's configuration space is broken: see whether a reset repairs it");

    private bool Accept(int position)
    {
        switch ((PciCapabilityId)_image.Bytes[position])
        {
            case PciCapabilityId.Msi:
                Msi = _device.Bus!.HasMessages ? position : 0;
                return Msi != 0;
            case PciCapabilityId.MsiX:
                Msix = _device.Bus!.HasMessages ? position : 0;
                return Msix != 0;
            case PciCapabilityId.PowerManagement:
                PowerManagement = position;
                HasPowerReset = (_image.Read(position + PciPm.Ctrl, 2) & PciPm.CtrlNoSoftReset) == 0;
                return true;
            case PciCapabilityId.AdvancedFeatures:
                const int both = PciAf.CapabilityFlr | PciAf.CapabilityTransactionsPending;
                HasFunctionReset |= (_image.Bytes[position + PciAf.Capabilities] & both) == both;
                return true;
            case PciCapabilityId.Express:
                HasFunctionReset |= (_image.Read(position + PciExp.DevCap, 4) & PciExpDevCap.Flr) != 0;
                FitExpress(position);
                return true;
            default:
                return true;
        }
    }

    // On a root complex's own bus an endpoint is an integrated one, which has no link (vfio_setup_pcie_cap).
    private void FitExpress(int position)
    {
        const int linkLength = PciExp.SltCap - PciExp.LnkCap;
        uint type = (_image.Read(position + PciExp.Flags, 2) & PciExpFlags.Type) >> 4;
        if (type is not (PciExpType.Endpoint or PciExpType.LegacyEndpoint or PciExpType.RootEndpoint))
        {
            throw new DeviceAssignmentException(
                $"{_device.Host} is a PCI Express function of type {(PciExpressType)type}, not an endpoint", "Assign the devices behind it");
        }

        if (!_device.Bus!.IsExpress || type != PciExpType.Endpoint) return;
        _space.Emulate(position + PciExp.Flags, 2, PciExpType.RootEndpoint << 4, PciExpFlags.Type);
        if ((_image.Read(position + PciExp.Flags, 2) & PciExpFlags.Vers) < 2) return;
        for (int i = 0; i < linkLength; i++) _space.Emulate(position + PciExp.LnkCap + i, 1, 0, 0xff);
    }

    // Virtual functions, their routing and BARs of other sizes are the host's to manage.
    private void LinkExtended()
    {
        const int next = 20;
        int link = 0;
        var seen = new HashSet<int>();
        for (int position = ConfigOffset.ConventionalSize; position >= ConfigOffset.ConventionalSize && seen.Add(position);)
        {
            uint header = _image.Read(position, 4);
            if (header is 0 or uint.MaxValue) break;
            bool hidden = (header & 0xffff) is PciExtCapId.Sriov or PciExtCapId.Ari or PciExtCapId.Rebar;

            // The list's head has its place: hidden, it is a capability without meaning.
            if (position == ConfigOffset.ConventionalSize) _space.Emulate(position, 4, hidden ? 0 : header & 0xfffff, uint.MaxValue);
            else if (!hidden) SetNext(link, position);
            if (!hidden || position == ConfigOffset.ConventionalSize) link = position;
            if (!hidden && position != ConfigOffset.ConventionalSize) SetNext(position, 0);
            position = (int)(header >> next) & ~3;
        }

        void SetNext(int position, int following) => _space.Emulate(position, 4, (uint)following << next, 0xfffu << next);
    }
}
