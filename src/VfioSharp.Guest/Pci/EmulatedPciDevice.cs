// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Pci;
using PciCommand = VfioSharp.Pci.PciCommand;
using PciStatus = VfioSharp.Pci.PciStatus;

namespace VfioSharp.Guest.Pci;

/// <summary>
/// A device that the monitor emulates: it derives from this class, describes itself in <see cref="OnStart"/>, and uses
/// what is here for interrupts and DMA.
/// </summary>
/// <remarks>Calls come one at a time, with the machine's lock held.</remarks>
public abstract class EmulatedPciDevice : GuestPciDevice
{
    private int _nextCapability = ConfigOffset.HeaderSize;
    private int _lastCapability;
    private MsiCapability? _msi;
    private MsixTable? _msix;

    /// <summary>Makes a device that is on no bus yet.</summary>
    /// <param name="id">Its name, for messages.</param>
    /// <param name="vendor">Vendor id.</param>
    /// <param name="device">Device id.</param>
    /// <param name="classCode">Base class, subclass and programming interface, as in 0x0c0330 for xHCI.</param>
    protected EmulatedPciDevice(string id, ushort vendor, ushort device, int classCode)
        : base(id)
    {
        Config.Set(ConfigOffset.VendorId, 2, vendor);
        Config.Set(ConfigOffset.VendorId + 2, 2, device);
        Config.Set(ConfigOffset.RevisionId + 1, 2, (uint)classCode & 0xffff);
        Config.Set(ConfigOffset.ClassCode + 1, 1, (uint)classCode >> 16);
        Config.Set(ConfigOffset.CacheLineSize, 1, 0, 0xff);
        Config.Set(ConfigOffset.InterruptLine, 1, 0, 0xff);
        Config.Set(ConfigOffset.Command, 2, 0, (uint)(PciCommand.Io | PciCommand.Memory | PciCommand.Master | PciCommand.Serr | PciCommand.IntxDisable));
    }

    /// <inheritdoc/>
    public sealed override int MsiVectors => _msi?.Vectors ?? 0;

    /// <inheritdoc/>
    public sealed override int MsixVectors => _msix?.Vectors ?? 0;

    /// <summary>Whether the guest lets it send requests of its own.</summary>
    protected bool IsBusMaster => (Config.Command & PciCommand.Master) != 0;

    /// <inheritdoc/>
    public sealed override void WriteConfig(int offset, int width, uint value)
    {
        base.WriteConfig(offset, width, value);
        _msix?.ControlWritten();
        if (_msi is not { } msi) return;
        for (int vector = msi.TakePending(); vector >= 0; vector = msi.TakePending()) SendAsMaster(msi.MessageOf(vector));
    }

    /// <inheritdoc/>
    public sealed override void Reset()
    {
        ResetHeader();
        _msi?.Reset();
        _msix?.Reset();
        OnReset();
    }

    /// <inheritdoc/>
    public sealed override void SetMessage(bool isMsix, int vector, ulong address, uint data)
    {
        if (isMsix) _msix!.SetMessage(vector, new MsiMessage(address, data));
        else _msi!.SetMessage(new MsiMessage(address, data));
    }

    /// <summary>It is on a bus: adds its BARs and capabilities.</summary>
    protected abstract void OnStart();

    /// <summary>A reset of its own registers.</summary>
    protected virtual void OnReset()
    {
    }

    /// <summary>It leaves its bus.</summary>
    protected virtual void OnStop()
    {
    }

    /// <inheritdoc/>
    protected internal sealed override void Start() => OnStart();

    /// <inheritdoc/>
    protected internal sealed override void Stop() => OnStop();

    /// <summary>Gives it an interrupt pin, 1 to 4 for INTA to INTD.</summary>
    protected void SetInterruptPin(int pin) => Config.Set(ConfigOffset.InterruptPin, 1, (uint)pin);

    /// <summary>Adds a capability, and says where it is: its header is written, the rest is the caller's.</summary>
    /// <param name="id">Which.</param>
    /// <param name="length">Its bytes, the header among them.</param>
    protected int AddCapability(PciCapabilityId id, int length)
    {
        int position = _nextCapability;
        _nextCapability = (position + length + 3) & ~3;
        if (_nextCapability > ConfigOffset.ConventionalSize) throw new InvalidOperationException($"{Id}: {length} bytes of {id} do not fit behind 0x{position:x}");
        Config.Set(position, 2, (uint)id);
        Config.Set(_lastCapability == 0 ? ConfigOffset.CapabilityPointer : _lastCapability + PciCapability.ListNext, 1, (uint)position);
        Config.Set(ConfigOffset.Status, 2, Config.Read(ConfigOffset.Status, 2) | (uint)PciStatus.CapabilityList);
        _lastCapability = position;
        return position;
    }

    /// <summary>Adds MSI.</summary>
    protected void AddMsi(int vectors, bool canMask = false)
    {
        int length = CapabilityLength.Msi((ushort)(PciMsi.Flags64Bit | (canMask ? PciMsi.FlagsMaskbit : 0)));
        _msi = new MsiCapability(Config, AddCapability(PciCapabilityId.Msi, length), vectors, is64Bit: true, canMask);
    }

    /// <summary>Adds MSI-X, with its table and pending bits in a BAR.</summary>
    /// <param name="vectors">How many.</param>
    /// <param name="bar">Index of the BAR.</param>
    /// <param name="container">The BAR's region.</param>
    /// <param name="tableOffset">Where the table is.</param>
    /// <param name="pendingOffset">Where the pending bits are.</param>
    protected void AddMsix(int vectors, int bar, ContainerRegion container, uint tableOffset, uint pendingOffset)
    {
        ArgumentNullException.ThrowIfNull(container);
        int position = AddCapability(PciCapabilityId.MsiX, PciMsix.Sizeof);
        Config.Set(position + PciMsix.Table, 4, tableOffset | (uint)bar);
        Config.Set(position + PciMsix.Pba, 4, pendingOffset | (uint)bar);
        _msix = new MsixTable(Config, position, vectors, container.Topology, Id, Bus!.Events.Gate, SendAsMaster);
        container.Add(_msix.Table, tableOffset, priority: 1);
        container.Add(_msix.PendingBits, pendingOffset, priority: 1);
    }

    /// <summary>Sends a message: MSI-X if it is enabled, else MSI; a masked one stays pending. False: neither is enabled.</summary>
    protected bool Notify(int vector)
    {
        if (_msix is { IsEnabled: true } msix)
        {
            if (msix.IsMasked(vector)) msix.SetPending(vector);
            else SendAsMaster(msix.MessageOf(vector));
            return true;
        }

        if (_msi is not { IsEnabled: true } msi) return false;
        if (msi.IsMasked(vector)) msi.SetPending(vector);
        else SendAsMaster(msi.MessageOf(vector));
        return true;
    }

    /// <summary>Reads the guest's memory by DMA; false: it may not, or nothing is there.</summary>
    protected bool ReadDma(ulong address, Span<byte> destination) =>
        IsBusMaster && Bus!.Dma.Read(new GuestPhysicalAddress(address), destination) == MemoryAccessResult.Done;

    /// <summary>Writes the guest's memory by DMA; false: it may not, or nothing is there.</summary>
    protected bool WriteDma(ulong address, ReadOnlySpan<byte> source) =>
        IsBusMaster && Bus!.Dma.Write(new GuestPhysicalAddress(address), source) == MemoryAccessResult.Done;

    private void SendAsMaster(MsiMessage message)
    {
        if (IsBusMaster) Send(message);
    }
}
