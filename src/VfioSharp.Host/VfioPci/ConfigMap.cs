// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Pci;
using VfioSharp.Pci;

namespace VfioSharp.Host.VfioPci;

/// <summary>
/// Which capability each configuration byte belongs to, and the bytes as first shown to the user: capabilities
/// that are not for users are taken out of the lists (vfio_pci_config.c: vfio_config_init).
/// </summary>
internal sealed class ConfigMap
{
    /// <summary>The mark of the header.</summary>
    public const byte Header = 0;

    /// <summary>The mark of bytes that belong to nothing.</summary>
    public const byte None = 0xff;

    private readonly PciFunction _function;
    private readonly byte[] _owner;
    private readonly byte[] _shown;

    public ConfigMap(PciFunction function)
    {
        _function = function;
        _owner = new byte[function.ConfigSize];
        _shown = new byte[function.ConfigSize];
        _owner.AsSpan(PciConfigSpace.HeaderSize).Fill(None);
        Show(0, PciConfigSpace.HeaderSize);
        bool extended = AddCapabilities();
        if (extended) AddExtendedCapabilities();
    }

    /// <summary>The bytes first shown; the caller's to keep.</summary>
    public byte[] Shown => _shown;

    /// <summary>The permissions of the MSI capability when there is one.</summary>
    public ConfigPermissions? Msi { get; private set; }

    /// <summary>The mark of the byte at <paramref name="position"/>.</summary>
    public byte OwnerOf(int position) => _owner[position];

    /// <summary>Where the capability begins that the byte belongs to (vfio_find_cap_start).</summary>
    public int StartOf(int position)
    {
        byte owner = _owner[position];
        if (position < PciConfigSpace.HeaderSize) return 0;
        int start = position >= PciConfigSpace.Size ? PciConfigSpace.Size : PciConfigSpace.HeaderSize;
        while (position > start && _owner[position - 1] == owner) position--;
        return position;
    }

    /// <summary>How many bytes from <paramref name="position"/> on are of one capability in one dword (vfio_pci_cap_remaining_dword).</summary>
    public int RemainingInDword(int position)
    {
        byte owner = _owner[position];
        int count = 1;
        while ((position + count) % 4 != 0 && _owner[position + count] == owner) count++;
        return count;
    }

    /// <summary>A load that a damaged list cannot lead outside of configuration space: there it is 0.</summary>
    public static uint ReadInside(PciFunction function, int offset, int width) =>
        offset + width <= function.ConfigSize ? function.ReadConfig(offset, width) : 0;

    private uint Read(int offset, int width) => ReadInside(_function, offset, width);

    // vfio_cap_init. Returns whether extended capabilities are to be looked for.
    private bool AddCapabilities()
    {
        if ((Read(PciHeader.Status, 2) & (uint)VfioSharp.Pci.PciStatus.CapabilityList) == 0) return false;
        bool extended = false;
        int previous = PciHeader.CapabilityList;
        int position = (int)Read(PciHeader.CapabilityList, 1);
        int found = 0;
        for (int loops = (PciConfigSpace.Size - PciConfigSpace.HeaderSize) / 4; position != 0 && loops > 0; loops--)
        {
            // A pointer into the header, or to the last byte, is no capability.
            if (position is < PciConfigSpace.HeaderSize or PciConfigSpace.Size - 1) break;
            byte id = (byte)Read(position, 1);
            byte next = (byte)Read(position + 1, 1);
            int length = LengthOf(id, position, ref extended);
            // What a damaged list leads to near the end has no room for its registers: only a vendor's may be cut short.
            if (position + length > PciConfigSpace.Size) length = id == PciCapId.Vndr ? PciConfigSpace.Size - position : 0;
            if (length == 0)
            {
                _shown[previous] = next;
                position = next;
                continue;
            }

            _owner.AsSpan(position, length).Fill(id);
            Show(position, length);
            if (id == PciCapId.Pm) HidePme(position);
            previous = position + 1;
            position = next;
            found++;
        }

        if (found == 0) _shown[PciHeader.Status] &= unchecked((byte)~(int)VfioSharp.Pci.PciStatus.CapabilityList);
        return extended;
    }

    // The guest cannot handle power management events (vfio_update_pm_vconfig_bytes).
    private void HidePme(int position)
    {
        _shown[position + PciPm.Capabilities + 1] &= unchecked((byte)~(PciPm.CapPmeMask >> 8));
        _shown[position + PciPm.Ctrl + 1] &= unchecked((byte)~((PciPm.CtrlPmeEnable | PciPm.CtrlPmeStatus) >> 8));
    }

    // pci_cap_length and vfio_cap_len: 0 hides the capability.
    private int LengthOf(byte id, int position, ref bool extended)
    {
        switch (id)
        {
            case PciCapId.Pm or PciCapId.Agp or PciCapId.Vpd or PciCapId.Msix or PciCapId.Af:
                return CapabilityLength.Of(new ConfigView([id]), 0);
            case PciCapId.Sata:
                return (Read(position + 4, 1) & 0xf) == 0xf ? 16 : 8;
            case PciCapId.Msi:
                ushort control = (ushort)Read(position + PciMsi.Flags, 2);
                Msi ??= ConfigPermissions.OfMsi(control);
                return CapabilityLength.Msi(control);
            case PciCapId.Vndr:
                return (int)Read(position + 2, 1);
            case PciCapId.Pcix:
                bool versioned = (Read(position + 2, 2) & 0x3000) != 0;
                if (versioned) extended = HasExtended();
                return versioned ? 24 : 8;
            case PciCapId.Ht:
                return (Read(position + 3, 1) & 0xe0) != 0 ? 24 : 28;
            case PciCapId.Exp:
                extended = HasExtended();
                uint flags = Read(position + PciExp.Flags, 2);
                bool integrated = ((flags & PciExpFlags.Type) >> 4) == PciExpType.RootEndpoint;
                return (flags & PciExpFlags.Vers) == 1
                    ? integrated ? PciExp.RootEndpointSizeofV1 : PciExp.EndpointSizeofV1
                    : integrated ? PciExp.RootEndpointSizeofV2 : PciExp.EndpointSizeofV2;
            default:
                return 0;
        }
    }

    private bool HasExtended() => _function.ConfigSize > PciConfigSpace.Size && Read(PciConfigSpace.Size, 4) != 0;

    // vfio_ecap_init
    private void AddExtendedCapabilities()
    {
        int position = PciConfigSpace.Size;
        int previous = 0;
        int found = 0;
        for (int loops = (_function.ConfigSize - PciConfigSpace.Size) / 4; loops > 0 && position >= PciConfigSpace.Size; loops--)
        {
            uint header = Read(position, 4);
            int id = (int)(header & 0xffff);
            int next = (int)(header >> 20) & 0xffc;
            int length = Math.Min(ExtendedCapabilityLength.Of(_function, id, position), _function.ConfigSize - position);
            bool hidden = length == 0;
            if (hidden && previous != 0)
            {
                SetNext(previous, next);
                position = next;
                continue;
            }

            // The first one cannot be taken out: it stays as the anchor of the list, without its id.
            if (hidden) length = 4;
            _owner.AsSpan(position, length).Fill((byte)id);
            Show(position, length);
            if (hidden)
            {
                SetNext(position, next);
                _shown[position] = 0;
                _shown[position + 1] = 0;
                _shown[position + 2] &= 0xc0;
            }
            else
            {
                found++;
            }

            previous = position;
            position = next;
        }

        if (found == 0) _shown.AsSpan(PciConfigSpace.Size, 4).Clear();
    }

    private void SetNext(int position, int next)
    {
        _shown[position + 2] = (byte)((_shown[position + 2] & 0x3f) | ((next & 0x00c) << 4));
        _shown[position + 3] = (byte)(next >> 4);
    }

    private void Show(int position, int length)
    {
        for (int i = position; i < position + length; i++) _shown[i] = (byte)Read(i, 1);
    }
}
