// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;
using PciCommand = VfioSharp.Pci.PciCommand;

namespace VfioSharp.Host.VfioPci;

/// <summary>
/// Configuration space as a user sees it: virtual bits over the hardware's, by the permission of each capability
/// (vfio_pci_config.c). Made anew at each open. Reads allocate nothing.
/// </summary>
internal sealed partial class VirtualConfig
{
    private readonly PciFunction _function;
    private readonly IConfigEffects _effects;
    private readonly ConfigTables _tables;
    private readonly ConfigMap _map;
    private readonly byte[] _shown;
    private readonly uint[] _assigned = new uint[7];

    // Guards _shown, _barsChanged and the order of a change in both spaces. Under it are taken: the lock of INTx
    // (CommandLock, and when a write changes the line), then the function's own. Never taken under those.
    private readonly RankedLock _lock = new(LockRank.VirtualConfig);
    private bool _barsChanged = true;
    private volatile bool _memoryEnabled;
    private readonly PowerState _power;
    private int _powerControl; // PMCSR, once it was written.

    public VirtualConfig(PciFunction function, IConfigEffects effects)
        : this(function, effects, ConfigTables.Kernel)
    {
    }

    /// <summary>With other permissions than vfio-pci's.</summary>
    internal VirtualConfig(PciFunction function, IConfigEffects effects, ConfigTables tables)
    {
        _tables = tables;
        _function = function;
        _effects = effects;
        _power = new PowerState(function);
        _map = new ConfigMap(function);
        _shown = _map.Shown;
        for (int bar = 0; bar < 6; bar++) _assigned[bar] = Shown32(PciHeader.BaseAddress0 + (4 * bar));
        _assigned[6] = Shown32(PciHeader.RomAddress);
        if (IsVirtual) FillVirtualFunction();
        if (effects.HidesIntx) SetShown(PciHeader.InterruptPin, 1, 0);
        _memoryEnabled = (Shown16(PciHeader.Command) & (ushort)PciCommand.Memory) != 0;
    }

    // A virtual function's ids are its physical one's, and memory is enabled there (vfio_config_init).
    private void FillVirtualFunction()
    {
        SetShown(PciHeader.VendorId, 2, _function.Identity.VendorId);
        SetShown(PciHeader.DeviceId, 2, _function.Identity.DeviceId);
        SetShown(PciHeader.Command, 2, Shown16(PciHeader.Command) | (uint)PciCommand.Memory);
        SetShown(PciHeader.InterruptPin, 1, 0);
    }

    private bool IsVirtual => _function.PhysicalFunction is not null;

    /// <summary>Whether BAR accesses reach the device (__vfio_pci_memory_enabled).</summary>
    public bool IsMemoryEnabled => _memoryEnabled && !_power.IsDown;

    /// <summary>Accesses to the BARs pass here; what changes whether the device answers closes it.</summary>
    public MemoryGate Gate { get; } = new();

    /// <summary>The interrupt pin shown: 0 when the user is not to have INTx.</summary>
    public byte InterruptPin => Volatile.Read(ref _shown[PciHeader.InterruptPin]);

    /// <summary>Whether the user set INTx disable in COMMAND (virq_disabled).</summary>
    public bool IsIntxDisabled { get; private set; }

    /// <summary>vfio_pci_config_rw for reading.</summary>
    public KernelResult Read(Caller caller, ulong address, ulong count, ulong offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        ulong done = 0;
        while (count > 0)
        {
            if (!Inside(count, offset)) return Outside("read", count, offset);
            int position = (int)offset;
            int width = Width(count, position);
            if (ErrorAt(position, width, isWrite: false) is var error and not Errno.None) return CutOff("read", offset, error);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, Read(position, width));
            if (!caller.Memory.TryWrite(address, bytes[..width])) return Fault("read", "written", address, width);
            (count, done, address, offset) = (count - (uint)width, done + (uint)width, address + (uint)width, offset + (uint)width);
        }

        return KernelResult.Ok((long)done);
    }

    /// <summary>vfio_pci_config_rw for writing.</summary>
    public KernelResult Write(Caller caller, ulong address, ulong count, ulong offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        ulong done = 0;
        while (count > 0)
        {
            if (!Inside(count, offset)) return Outside("write", count, offset);
            int position = (int)offset;
            int width = Width(count, position);
            // What cannot be written is not read from the caller either.
            if (Permissions(position).Writing != ConfigWriting.Dropped)
            {
                bytes.Clear();
                if (!caller.Memory.TryRead(address, bytes[..width])) return Fault("write", "read", address, width);
                Write(position, width, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
                if (ErrorAt(position, width, isWrite: true) is var error and not Errno.None) return CutOff("write", offset, error);
            }

            (count, done, address, offset) = (count - (uint)width, done + (uint)width, address + (uint)width, offset + (uint)width);
        }

        return KernelResult.Ok((long)done);
    }

    private bool Inside(ulong count, ulong offset) => offset < (ulong)_shown.Length && count <= (ulong)_shown.Length - offset;

    // The part before the end was done all the same, as in the kernel, which checks at each step.
    private KernelResult Outside(string what, ulong count, ulong offset) => KernelResult.Fail(
        Errno.EFAULT, $"configuration {what}: {count} bytes at 0x{offset:x} reach past the {_shown.Length} bytes of configuration space");

    private static KernelResult Fault(string what, string done, ulong address, int width) => KernelResult.Fail(
        Errno.EFAULT, $"configuration {what}: {width} bytes of the caller at 0x{address:x} cannot be {done}");

    // What an access fails with that needs the device itself while the platform keeps it back (vfio_user_config_read and _write).
    private Errno ErrorAt(int position, int width, bool isWrite)
    {
        Errno error = _function.Isolation?.ConfigError ?? Errno.None;
        if (error == Errno.None) return error;
        ConfigPermissions permissions = Permissions(position);
        int offset = position - _map.StartOf(position);
        bool needed = isWrite
            ? permissions.Writing == ConfigWriting.Raw || (permissions.WritableBits(offset, width) & ~permissions.VirtualBits(offset, width) & Ones(width)) != 0
            : permissions.Reading is ConfigReading.Raw or ConfigReading.Direct || permissions.VirtualBits(offset, width) != Ones(width);
        return needed ? error : Errno.None;
    }

    private KernelResult CutOff(string what, ulong offset, Errno error) => KernelResult.Fail(
        error, $"configuration {what} at 0x{offset:x}: configuration space of {_function.Address} is blocked until its reset is over (EEH_PE_OP RESET_DEACTIVATE)");

    // Aligned parts of one capability (vfio_pci_config_rw_single).
    private int Width(ulong count, int position)
    {
        int width = (int)Math.Min(count, (ulong)_map.RemainingInDword(position));
        return width >= 4 && position % 4 == 0 ? 4 : width >= 2 && position % 2 == 0 ? 2 : 1;
    }

    private ConfigPermissions Permissions(int position)
    {
        byte owner = _map.OwnerOf(position);
        if (owner == ConfigMap.None) return ConfigPermissions.Unassigned;
        if (position >= PciConfigSpace.Size) return _tables.OfExtended(owner);
        if (owner == ConfigMap.Header) return ConfigPermissions.Header;
        return owner == PciCapId.Msi ? _map.Msi! : _tables.Of(owner);
    }

    private uint Read(int position, int width)
    {
        ConfigPermissions permissions = Permissions(position);
        int offset = position - _map.StartOf(position);
        switch (permissions.Reading)
        {
            case ConfigReading.Raw:
                return _function.ReadConfig(position, width);
            case ConfigReading.Direct:
                return ReadDirect(position, width, offset);
            default:
                using (_lock.EnterScope())
                {
                    if (permissions.Reading == ConfigReading.Header && IsBar(position)) PrepareBars();
                    uint value = ReadDefault(permissions, position, width, offset);
                    return position == PciHeader.Command && IsVirtual ? value | (Shown16(position) & (uint)PciCommand.Memory) : value;
                }
        }
    }

    private uint ReadDefault(ConfigPermissions permissions, int position, int width, int offset)
    {
        uint shown = Shown(position, width);
        uint virtualBits = permissions.VirtualBits(offset, width);
        if (virtualBits == Ones(width)) return shown;
        return (_function.ReadConfig(position, width) & ~virtualBits) | (shown & virtualBits);
    }

    private uint ReadDirect(int position, int width, int offset)
    {
        uint value = _function.ReadConfig(position, width);
        using (_lock.EnterScope())
        {
            if (position >= PciConfigSpace.Size) return offset < 4 ? Shown(position, width) : value;
            if (offset == 0 && width > 1)
            {
                uint header = Ones(Math.Min(2, width));
                return (value & ~header) | (Shown(position, width) & header);
            }

            return offset == 1 ? (value & ~0xffu) | Shown(position, 1) : value;
        }
    }

    private void Write(int position, int width, uint value)
    {
        ConfigPermissions permissions = Permissions(position);
        int start = _map.StartOf(position);
        int offset = position - start;
        switch (permissions.Writing)
        {
            case ConfigWriting.Raw:
                _function.WriteConfig(position, width, value);
                break;
            case ConfigWriting.Header:
                WriteHeader(permissions, position, width, value);
                break;
            case ConfigWriting.PowerManagement:
                WriteDefault(permissions, position, width, offset, value);
                if (offset == PciPm.Ctrl) SetPowerState(position, value & PciPm.CtrlStateMask, tell: true);
                break;
            case ConfigWriting.Express:
                WriteExpress(permissions, position, width, offset, value);
                break;
            case ConfigWriting.AdvancedFeatures:
                WriteDefault(permissions, position, width, offset, value);
                ResetByAdvancedFeatures(start);
                break;
            case ConfigWriting.Vpd:
                WriteDefault(permissions, position, width, offset, value);
                // The flag is in the upper byte of the address.
                if (offset <= PciVpd.Address + 1 && offset + width > PciVpd.Address + 1) AccessVpd(start);
                break;
            case ConfigWriting.Msi:
                WriteDefault(permissions, position, width, offset, value);
                if (offset <= PciMsi.Flags && offset + width >= PciMsi.Flags) WriteMsiControl(start);
                break;
            default:
                WriteDefault(permissions, position, width, offset, value);
                break;
        }
    }

    private void WriteDefault(ConfigPermissions permissions, int position, int width, int offset, uint value)
    {
        uint writable = permissions.WritableBits(offset, width);
        uint virtualBits = permissions.VirtualBits(offset, width);
        using (_lock.EnterScope())
        {
            uint here = writable & virtualBits;
            if (here != 0) SetShown(position, width, (Shown(position, width) & ~here) | (value & here));
            uint there = writable & ~virtualBits & Ones(width);
            if (there == 0) return;
            uint hardware = _function.ReadConfig(position, width);
            _function.WriteConfig(position, width, (hardware & ~there) | (value & there));
        }
    }

    // vfio_basic_config_write
    private void WriteHeader(ConfigPermissions permissions, int position, int width, uint value)
    {
        if (position == PciHeader.Command)
        {
            WriteCommand(permissions, width, value);
        }
        else if (position == PciHeader.Command + 1)
        {
            // The interrupt code changes INTx disable in the same byte.
            using (_lock.EnterScope())
            using (_effects.CommandLock.EnterScope())
                WriteDefault(permissions, position, width, position, value);
        }
        else
        {
            WriteDefault(permissions, position, width, position, value);
        }

        if (position is PciHeader.Command or PciHeader.Command + 1)
        {
            bool disabled = (Shown16(PciHeader.Command) & (ushort)PciCommand.IntxDisable) != 0;
            if (disabled != IsIntxDisabled)
            {
                IsIntxDisabled = disabled;
                _effects.IntxDisableChanged(disabled);
            }
        }

        if (!IsBar(position)) return;
        using (_lock.EnterScope()) _barsChanged = true;
    }

    private void WriteCommand(ConfigPermissions permissions, int width, uint value)
    {
        const ushort decoding = (ushort)(PciCommand.Io | PciCommand.Memory);
        using MemoryGate.Closing closing = Gate.Close();
        using (_lock.EnterScope())
        {
            var hardware = (PciCommand)_function.ReadConfig(PciHeader.Command, 2);
            var shown = (PciCommand)Shown16(PciHeader.Command);
            var wanted = (PciCommand)value;
            // The user turns on what is shown as on while the device has it off: it was reset behind our back.
            bool lost = (wanted & shown & ~hardware & (PciCommand.Io | PciCommand.Memory)) != 0;
            if (!IsVirtual && (lost || AreBarsLost())) RestoreBars();
        }

        using (_lock.EnterScope())
        {
            // The interrupt code changes INTx disable in the same register.
            using (_effects.CommandLock.EnterScope()) WriteDefault(permissions, PciHeader.Command, width, PciHeader.Command, value);
            ushort kept = (ushort)((Shown16(PciHeader.Command) & ~decoding) | ((ushort)value & decoding));
            SetShown(PciHeader.Command, 2, kept);
            _memoryEnabled = IsVirtual || (kept & (ushort)PciCommand.Memory) != 0;
            _effects.MemoryMoved(IsMemoryEnabled);
        }
    }

    private bool AreBarsLost()
    {
        for (int bar = 0; bar < 6; bar++)
        {
            if (_assigned[bar] != 0 && _function.ReadConfig(PciHeader.BaseAddress0 + (4 * bar), 4) != _assigned[bar]) return true;
        }

        return false;
    }

    private void RestoreBars()
    {
        for (int bar = 0; bar < 6; bar++) _function.WriteConfig(PciHeader.BaseAddress0 + (4 * bar), 4, _assigned[bar]);
        _function.WriteConfig(PciHeader.RomAddress, 4, _assigned[6]);
        if (!_effects.HidesIntx) return;
        using (_effects.CommandLock.EnterScope()) _function.WriteConfig(PciHeader.Command, 2, _function.ReadConfig(PciHeader.Command, 2) | (uint)PciCommand.IntxDisable);
    }

    // Makes the shown BARs answer a sizing probe as the hardware would (vfio_bar_fixup).
    private void PrepareBars()
    {
        if (!_barsChanged) return;
        for (int i = 0; i < 6; i++)
        {
            PciBar bar = _function.Bars[i];
            int at = PciHeader.BaseAddress0 + (4 * i);
            if (bar.Start == 0)
            {
                SetShown(at, 4, 0);
                continue;
            }

            ulong mask = ~(bar.Size - 1);
            uint flags = bar.IsIo
                ? PciBaseAddress.SpaceIo
                : (bar.IsPrefetchable ? PciBaseAddress.MemPrefetch : 0u) | (bar.Is64Bit ? PciBaseAddress.MemType64 : 0u);
            uint low = (Shown32(at) & (uint)mask) | flags;
            SetShown(at, 4, low);
            // Tested on the value as the kernel does, not on the resource: an I/O BAR may look like one of 64 bits.
            if ((low & PciBaseAddress.MemType64) == 0) continue;
            if (++i < 6) SetShown(at + 4, 4, Shown32(at + 4) & (uint)(mask >> 32));
        }

        PciBar rom = _function.Bars[6];
        SetShown(PciHeader.RomAddress, 4, rom.Start == 0 ? 0 : Shown32(PciHeader.RomAddress) & ((uint)~(rom.Size - 1) | PciRomAddress.Enable));
        _barsChanged = false;
    }

    private static bool IsBar(int offset) =>
        offset is (>= PciHeader.BaseAddress0 and < PciHeader.BaseAddress5 + 4) or (>= PciHeader.RomAddress and < PciHeader.RomAddress + 4);

    private static uint Ones(int width) => width == 4 ? uint.MaxValue : (1u << (8 * width)) - 1;

    private ushort Shown16(int offset) => (ushort)Shown(offset, 2);

    private uint Shown32(int offset) => Shown(offset, 4);

    private uint Shown(int offset, int width)
    {
        uint value = 0;
        for (int i = 0; i < width; i++) value |= (uint)_shown[offset + i] << (8 * i);
        return value;
    }

    private void SetShown(int offset, int width, uint value)
    {
        for (int i = 0; i < width; i++) _shown[offset + i] = (byte)(value >> (8 * i));
    }
}
