// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Pci;

namespace VfioSharp.Host.Pci;

/// <summary>What a function's SR-IOV capability says of its virtual functions (drivers/pci/iov.c: sriov_init).</summary>
/// <param name="Position">Where the capability is.</param>
/// <param name="InitialVfs">How many there are at first.</param>
/// <param name="TotalVfs">How many there can be.</param>
/// <param name="FirstOffset">From the physical function's routing id to the first virtual one's.</param>
/// <param name="Stride">From one virtual function's routing id to the next one's.</param>
/// <param name="DeviceId">The device id of all of them.</param>
internal readonly record struct SriovCapability(int Position, ushort InitialVfs, ushort TotalVfs, ushort FirstOffset, ushort Stride, ushort DeviceId)
{
    /// <summary>Reads the capability; null when there is none, or none for any virtual function.</summary>
    public static SriovCapability? Find(ConfigView view)
    {
        int position = view.FindExtendedCapability(PciExtendedCapabilityId.SingleRootIov);
        if (position == 0) return null;
        ushort total = view.Read16(position + PciSriov.TotalVf);
        return total == 0 ? null : new SriovCapability(
            position,
            view.Read16(position + PciSriov.InitialVf),
            total,
            view.Read16(position + PciSriov.VfOffset),
            view.Read16(position + PciSriov.VfStride),
            view.Read16(position + PciSriov.VfDid));
    }

    /// <summary>Reads the capability of a function; null when there is none. A virtual function has none.</summary>
    public static SriovCapability? Find(PciFunction function)
    {
        if (function.PhysicalFunction is not null || function.ConfigSize <= ConfigOffset.ConventionalSize) return null;
        var bytes = new byte[function.ConfigSize];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)function.ReadConfig(i, 1);
        return Find(new ConfigView(bytes));
    }

    /// <summary>Where virtual function <paramref name="index"/> is; false when that is beyond bus 255 (pci_iov_virtfn_bus).</summary>
    public bool TryAddress(PciAddress physical, int index, out PciAddress address)
    {
        int routing = (physical.Bus << 8) + physical.DeviceFunction + FirstOffset + (Stride * index);
        address = new PciAddress(physical.Segment, (byte)(routing >> 8), (byte)((routing >> 3) & 0x1f), (byte)(routing & 7));
        return routing <= ushort.MaxValue;
    }
}
