// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Pci;

namespace VfioSharp.Host.VfioPci;

/// <summary>What is done when a user reads configuration bytes.</summary>
internal enum ConfigReading
{
    /// <summary>The hardware's bytes, but the next pointer of the shown list (vfio_direct_config_read).</summary>
    Direct,

    /// <summary>Virtual bits over the hardware's (vfio_default_config_read).</summary>
    Default,

    /// <summary>The same for the header, with the BARs made ready for sizing (vfio_basic_config_read).</summary>
    Header,

    /// <summary>The hardware's bytes (vfio_raw_config_read).</summary>
    Raw,
}

/// <summary>What is done when a user writes configuration bytes.</summary>
internal enum ConfigWriting
{
    /// <summary>Nothing: the write is dropped and counted as done.</summary>
    Dropped,

    /// <summary>By the permission bits (vfio_default_config_write).</summary>
    Default,

    /// <summary>Header: COMMAND, INTx disable, BARs (vfio_basic_config_write).</summary>
    Header,

    /// <summary>Power management: the state is set by the kernel (vfio_pm_config_write).</summary>
    PowerManagement,

    /// <summary>Express: function level reset, read request size (vfio_exp_config_write).</summary>
    Express,

    /// <summary>Advanced features: function level reset (vfio_af_config_write).</summary>
    AdvancedFeatures,

    /// <summary>Vital product data: the kernel reads or writes it (vfio_vpd_config_write).</summary>
    Vpd,

    /// <summary>MSI: enable and queue size follow what SET_IRQS did (vfio_msi_config_write).</summary>
    Msi,

    /// <summary>To the hardware as it is (vfio_raw_config_write).</summary>
    Raw,
}

/// <summary>
/// Which bits of a capability a user may write, and which of them are only shown to the user and never reach the
/// hardware (vfio_pci_config.c: struct perm_bits). Shared by all devices, never changed after it is made.
/// </summary>
internal sealed class ConfigPermissions
{
    private readonly byte[] _virtual;
    private readonly byte[] _writable;

    private ConfigPermissions(int length, ConfigReading reading, ConfigWriting writing)
    {
        int rounded = (length + 3) & ~3;
        _virtual = new byte[rounded];
        _writable = new byte[rounded];
        Reading = reading;
        Writing = writing;
    }

    /// <summary>A table with nothing but its bits: what they say is done, and no more.</summary>
    public ConfigPermissions(ReadOnlySpan<byte> virtualBits, ReadOnlySpan<byte> writable)
        : this(virtualBits.Length, ConfigReading.Default, ConfigWriting.Default)
    {
        virtualBits.CopyTo(_virtual);
        writable.CopyTo(_writable);
    }

    public ConfigReading Reading { get; }

    public ConfigWriting Writing { get; }

    /// <summary>Bytes that belong to no capability: to the hardware and back.</summary>
    public static ConfigPermissions Unassigned { get; } = new(0, ConfigReading.Raw, ConfigWriting.Raw);

    public static ConfigPermissions Header { get; } = MakeHeader();

    private static ConfigPermissions ReadOnly { get; } = new(0, ConfigReading.Direct, ConfigWriting.Dropped);

    private static ConfigPermissions VendorSpecific { get; } = new(0, ConfigReading.Direct, ConfigWriting.Raw);

    private static ConfigPermissions PowerManagement { get; } = MakePowerManagement();

    private static ConfigPermissions Vpd { get; } = MakeVpd();

    private static ConfigPermissions PciX { get; } = MakePciX();

    private static ConfigPermissions Express { get; } = MakeExpress();

    private static ConfigPermissions AdvancedFeatures { get; } = MakeAdvancedFeatures();

    private static ConfigPermissions ErrorReporting { get; } = MakeErrorReporting();

    private static ConfigPermissions PowerBudgeting { get; } = MakePowerBudgeting();

    /// <summary>The permissions of a capability of the conventional list (vfio_pci_init_perm_bits).</summary>
    public static ConfigPermissions Of(PciCapabilityId id) => id switch
    {
        PciCapabilityId.PowerManagement => PowerManagement,
        PciCapabilityId.Vpd => Vpd,
        PciCapabilityId.PciX => PciX,
        PciCapabilityId.Vendor => VendorSpecific,
        PciCapabilityId.Express => Express,
        PciCapabilityId.AdvancedFeatures => AdvancedFeatures,
        _ => ReadOnly,
    };

    /// <summary>The permissions of an extended capability.</summary>
    public static ConfigPermissions OfExtended(int id) => id switch
    {
        PciExtCapId.Err => ErrorReporting,
        PciExtCapId.Pwr => PowerBudgeting,
        PciExtCapId.Vndr or PciExtCapId.Dvsec => VendorSpecific,
        _ => ReadOnly,
    };

    /// <summary>The permissions of an MSI capability, whose layout its control register decides (init_pci_cap_msi_perm).</summary>
    public static ConfigPermissions OfMsi(ushort control)
    {
        var table = new ConfigPermissions(CapabilityLength.Msi(control), ConfigReading.Default, ConfigWriting.Msi);
        table.Set8(PciCapability.ListNext, 0xff, 0);
        table.Set8(PciMsi.Flags, 0xff, 0xff);
        table.Set32(PciMsi.AddressLo, uint.MaxValue, uint.MaxValue);
        bool wide = (control & PciMsi.Flags64Bit) != 0;
        if (wide) table.Set32(PciMsi.AddressHi, uint.MaxValue, uint.MaxValue);
        table.Set16(wide ? PciMsi.Data64 : PciMsi.Data32, 0xffff, 0xffff);
        if ((control & PciMsi.FlagsMaskbit) == 0) return table;
        table.Set32(wide ? PciMsi.Mask64 : PciMsi.Mask32, 0, uint.MaxValue);
        table.Set32(wide ? PciMsi.Pending64 : PciMsi.Pending32, 0, uint.MaxValue);
        return table;
    }

    public uint VirtualBits(int offset, int width) => Bits(_virtual, offset, width);

    public uint WritableBits(int offset, int width) => Bits(_writable, offset, width);

    // A capability shorter than its length on the device has no permissions in what lies beyond.
    private static uint Bits(byte[] table, int offset, int width)
    {
        uint bits = 0;
        for (int i = 0; i < width && offset + i < table.Length; i++) bits |= (uint)table[offset + i] << (8 * i);
        return bits;
    }

    private static ConfigPermissions MakeHeader()
    {
        var table = new ConfigPermissions(PciConfigSpace.HeaderSize, ConfigReading.Header, ConfigWriting.Header);
        table.Set16(PciHeader.VendorId, 0xffff, 0);
        table.Set16(PciHeader.DeviceId, 0xffff, 0);
        table.Set16(PciHeader.Command, (ushort)VfioSharp.Pci.PciCommand.IntxDisable, 0xffff);
        table.Set16(PciHeader.Status, (ushort)VfioSharp.Pci.PciStatus.CapabilityList, 0);
        table.Set8(PciHeader.CacheLineSize, 0, 0xff);
        table.Set8(PciHeader.LatencyTimer, 0, 0xff);
        table.Set8(PciHeader.Bist, 0, 0xff);
        for (int bar = 0; bar < PciConfigSpace.BarCount; bar++) table.Set32(PciHeader.BaseAddress0 + (4 * bar), uint.MaxValue, uint.MaxValue);
        table.Set32(PciHeader.RomAddress, uint.MaxValue, uint.MaxValue);
        table.Set8(PciHeader.CapabilityList, 0xff, 0);
        table.Set8(PciHeader.InterruptLine, 0xff, 0xff);
        table.Set8(PciHeader.InterruptPin, 0xff, 0);
        return table;
    }

    private static ConfigPermissions MakePowerManagement()
    {
        const uint pme = PciPm.CtrlPmeEnable | PciPm.CtrlPmeStatus;
        var table = new ConfigPermissions(PciPm.Sizeof, ConfigReading.Default, ConfigWriting.PowerManagement);
        table.Set8(PciCapability.ListNext, 0xff, 0);
        table.Set16(PciPm.Capabilities, PciPm.CapPmeMask, 0);
        table.Set32(PciPm.Ctrl, pme, ~(pme | PciPm.CtrlStateMask));
        return table;
    }

    private static ConfigPermissions MakeVpd()
    {
        var table = new ConfigPermissions(8, ConfigReading.Default, ConfigWriting.Vpd);
        table.Set8(PciCapability.ListNext, 0xff, 0);
        table.Set16(PciVpd.Address, 0xffff, 0xffff);
        table.Set32(PciVpd.Data, uint.MaxValue, uint.MaxValue);
        return table;
    }

    private static ConfigPermissions MakePciX()
    {
        var table = new ConfigPermissions(24, ConfigReading.Default, ConfigWriting.Default);
        table.Set8(PciCapability.ListNext, 0xff, 0);
        table.Set16(2, 0, 0xffff);
        table.Set32(8, 0, uint.MaxValue);
        return table;
    }

    private static ConfigPermissions MakeExpress()
    {
        const ushort virtualControl = PciExpDevCtl.BcrFlr | PciExpDevCtl.Payload | PciExpDevCtl.Readrq;
        var table = new ConfigPermissions(PciExp.EndpointSizeofV2, ConfigReading.Default, ConfigWriting.Express);
        table.Set8(PciCapability.ListNext, 0xff, 0);
        table.Set16(PciExp.DevCtl, virtualControl, unchecked((ushort)~PciExpDevCtl.Phantom));
        table.Set16(PciExp.DevCtl2, 0, unchecked((ushort)~PciExpDevCtl2.Ari));
        return table;
    }

    private static ConfigPermissions MakeAdvancedFeatures()
    {
        var table = new ConfigPermissions(PciAf.Sizeof, ConfigReading.Default, ConfigWriting.AdvancedFeatures);
        table.Set8(PciCapability.ListNext, 0xff, 0);
        table.Set8(PciAf.Control, PciAf.ControlFlr, PciAf.ControlFlr);
        return table;
    }

    private static ConfigPermissions MakeErrorReporting()
    {
        // Every defined bit of uncorrectable (0–25 as specified) and correctable status and mask.
        const uint uncorrectable = 0x03fff031;
        const uint correctable = 0x0000f1c1;
        var table = new ConfigPermissions(PciErr.RootCommand, ConfigReading.Default, ConfigWriting.Default);
        table.Set32(0, uint.MaxValue, 0);
        table.Set32(PciErr.UncorStatus, 0, uncorrectable);
        table.Set32(PciErr.UncorMask, 0, uncorrectable);
        table.Set32(PciErr.UncorSever, 0, uncorrectable);
        table.Set32(PciErr.CorStatus, 0, correctable);
        table.Set32(PciErr.CorMask, 0, correctable);
        table.Set32(PciErr.Capabilities, 0, PciErr.CapEcrcGene | PciErr.CapEcrcChke);
        return table;
    }

    private static ConfigPermissions MakePowerBudgeting()
    {
        var table = new ConfigPermissions(PciExtCapSize.Pwr, ConfigReading.Default, ConfigWriting.Default);
        table.Set32(0, uint.MaxValue, 0);
        // What the kernel lets users write is the data register, not the selector.
        table.Set8(PciPwr.Data, 0, 0xff);
        return table;
    }

    private void Set8(int offset, byte virtualBits, byte writable)
    {
        _virtual[offset] = virtualBits;
        _writable[offset] = writable;
    }

    private void Set16(int offset, ushort virtualBits, ushort writable)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_virtual.AsSpan(offset), virtualBits);
        BinaryPrimitives.WriteUInt16LittleEndian(_writable.AsSpan(offset), writable);
    }

    private void Set32(int offset, uint virtualBits, uint writable)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_virtual.AsSpan(offset), virtualBits);
        BinaryPrimitives.WriteUInt32LittleEndian(_writable.AsSpan(offset), writable);
    }
}
