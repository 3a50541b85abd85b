// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;

namespace VfioSharp.Host.VfioPci;

/// <content>What writes to capabilities set off besides changing bytes.</content>
internal sealed partial class VirtualConfig
{
    // Encoding of 4096 bytes in Device Control.
    private const uint LargestReadRequest = 5;

    /// <summary>A reset, or virtual functions that appear, wake the device first (vfio_pci_set_power_state).</summary>
    public void PowerUp()
    {
        if (_powerControl != 0) SetPowerState(_powerControl, PowerState.Full, tell: false);
    }

    // vfio_lock_and_set_power_state; a function with virtual ones stays awake.
    private void SetPowerState(int position, uint state, bool tell)
    {
        using MemoryGate.Closing closing = Gate.Close();
        bool restored = false;
        using (_lock.EnterScope())
        {
            if (state == PowerState.Full || !_effects.HasVirtualFunctions)
            {
                using (_effects.CommandLock.EnterScope()) restored = _power.Set(position, state);
            }

            _powerControl = position;
            if (tell) _effects.MemoryMoved(IsMemoryEnabled);
        }

        // Not under the lock: interrupts' own comes before it.
        if (restored) _effects.StateRestored();
    }

    // vfio_exp_config_write
    private void WriteExpress(ConfigPermissions permissions, int position, int width, int offset, uint value)
    {
        int start = position - offset;
        int control = start + PciExp.DevCtl;
        int before, after;
        using (_lock.EnterScope())
        {
            before = Shown16(control) & PciExpDevCtl.Readrq;
            WriteDefault(permissions, position, width, offset, value);
            after = Shown16(control);
            SetShown(control, 2, (uint)(after & ~PciExpDevCtl.BcrFlr));
        }

        // Not under the lock: a reset takes those of the device.
        if ((after & PciExpDevCtl.BcrFlr) != 0 && (_function.ReadConfig(start + PciExp.DevCap, 4) & PciExpDevCap.Flr) != 0) _effects.ResetFunction();
        after &= PciExpDevCtl.Readrq;
        if (before == after) return;
        using (_lock.EnterScope())
        {
            // Read requests go through to the device, but never below the payload size it was given.
            uint hardware = _function.ReadConfig(control, 2);
            uint payload = (hardware & PciExpDevCtl.Payload) >> 5;
            uint request = Math.Max((uint)after >> 12, payload);

            // pcie_set_readrq: above 4096 bytes there is none.
            if (request > LargestReadRequest) return;
            _function.WriteConfig(control, 2, (hardware & ~(uint)PciExpDevCtl.Readrq) | (request << 12));
        }
    }

    // vfio_af_config_write
    private void ResetByAdvancedFeatures(int start)
    {
        int control = start + PciAf.Control;
        using (_lock.EnterScope())
        {
            byte shown = _shown[control];
            if ((shown & PciAf.ControlFlr) == 0) return;
            SetShown(control, 1, (uint)(shown & ~PciAf.ControlFlr));
        }

        const uint needed = PciAf.CapabilityFlr | PciAf.CapabilityTransactionsPending;
        if ((_function.ReadConfig(start + PciAf.Capabilities, 1) & needed) == needed) _effects.ResetFunction();
    }

    // vfio_msi_config_write: MSI is enabled by SET_IRQS only, with the queue size that was asked for there.
    private void WriteMsiControl(int start)
    {
        int at = start + PciMsi.Flags;
        using (_lock.EnterScope())
        {
            uint control = Shown16(at);
            if (!_effects.IsMsiEnabled) control &= ~(uint)PciMsi.FlagsEnable;
            uint queue = (control & PciMsi.FlagsQsize) >> 4;
            uint most = (uint)_effects.MsiQueueLimit;
            if (queue > most) control = (control & ~(uint)PciMsi.FlagsQsize) | (most << 4);
            SetShown(at, 2, control);
            _function.WriteConfig(at, 2, control);
        }
    }

    // vfio_vpd_config_write: the flag says which way the four bytes go; turned over it says that they went.
    private void AccessVpd(int start)
    {
        int at = start + PciVpd.Address;
        int data = start + PciVpd.Data;
        using (_lock.EnterScope())
        {
            ushort address = Shown16(at);
            int offset = address & PciVpd.AddressMask;
            bool isWrite = (address & PciVpd.AddressFlag) != 0;
            if (isWrite)
            {
                if (_function.ProductData is not { } vpd || !vpd.TryWrite(offset, Shown32(data))) return;
            }
            else
            {
                if (_function.ProductData is not { } vpd || !vpd.TryRead(offset, out uint value)) return;
                SetShown(data, 4, value);
            }

            SetShown(at, 2, (uint)address ^ PciVpd.AddressFlag);
        }
    }
}
