// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Pci;

namespace VfioSharp.Host.VfioPci;

/// <summary>
/// The power state that a user asks for by the power management capability: the kernel sets it itself
/// (drivers/pci/pci.c: pci_set_power_state). Guarded by the configuration's lock; read without one.
/// </summary>
internal sealed class PowerState(PciFunction function)
{
    /// <summary>D0.</summary>
    public const uint Full = 0;

    private const uint D1 = 1;
    private const uint D2 = 2;
    private const uint D3Hot = 3;

    // vfio_pci_core_enable leaves every device in D0.
    private volatile uint _current = Full;

    // What a device that loses its state on the way back to D0 had in it when it left (pm_save).
    private SavedConfig? _saved;

    /// <summary>Whether memory is out of reach: D3hot.</summary>
    public bool IsDown => _current == D3Hot;

    /// <summary>Goes to a state when the rules allow; else nothing happens, and nobody is told.</summary>
    /// <param name="position">Where PMCSR is.</param>
    /// <param name="state">0 to 3.</param>
    /// <returns>Whether the device lost its state and got it back (vfio_pci_set_power_state).</returns>
    public bool Set(int position, uint state)
    {
        if (state == _current) return false;
        uint control = function.ReadConfig(position, 2);
        bool losesState = (control & PciPm.CtrlNoSoftReset) == 0;
        if (state == Full)
        {
            // pci_power_up clears the whole register.
            bool restore = losesState && IsDown;
            function.WriteConfig(position, 2, 0);
            _current = function.ReadConfig(position, 2) & PciPm.CtrlStateMask;
            if (restore) _saved?.Restore();
            _saved = null;
            return restore;
        }

        // pci_set_low_power_state: only deeper, and only to what the capability names.
        if (state < _current) return false;
        uint capabilities = function.ReadConfig(position - PciPm.Ctrl + PciPm.Capabilities, 2);
        if (state == D1 && (capabilities & PciPm.CapD1) == 0) return false;
        if (state == D2 && (capabilities & PciPm.CapD2) == 0) return false;
        SavedConfig? before = losesState && state == D3Hot ? new SavedConfig(function) : null;
        function.WriteConfig(position, 2, (control & ~(uint)PciPm.CtrlStateMask) | state);
        _current = function.ReadConfig(position, 2) & PciPm.CtrlStateMask;
        if (IsDown) _saved = before;
        return false;
    }
}
