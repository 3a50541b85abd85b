// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Pci;

namespace VfioSharp.Host.Pci;

/// <summary>
/// What Linux keeps of a configuration space over a reset: the header, and the control registers of the Express
/// capability (drivers/pci/pci.c: pci_save_state). The rest is lost, or put back by who enabled it (MSI).
/// </summary>
internal sealed class SavedConfig
{
    private readonly PciFunction _function;
    private readonly uint[] _header = new uint[PciConfigSpace.HeaderSize / 4];
    private readonly int _express;
    private readonly uint _deviceControl;
    private readonly uint _deviceControl2;
    private readonly bool _hasSecond;

    /// <summary>Saves the state of a function.</summary>
    public SavedConfig(PciFunction function)
    {
        _function = function;
        for (int i = 0; i < _header.Length; i++) _header[i] = function.ReadConfig(4 * i, 4);
        var bytes = new byte[PciConfigSpace.Size];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)function.ReadConfig(i, 1);
        var view = new ConfigView(bytes);
        _express = view.FindCapability(PciCapabilityId.Express);
        if (_express + PciExp.DevCtl2 > PciConfigSpace.Size) _express = 0;
        if (_express == 0) return;
        _deviceControl = function.ReadConfig(_express + PciExp.DevCtl, 2);
        _hasSecond = (view.Read16(_express + PciExp.Flags) & PciExpFlags.Vers) >= 2;
        if (_hasSecond) _deviceControl2 = function.ReadConfig(_express + PciExp.DevCtl2, 2);
    }

    /// <summary>Puts the state back: Express first, then the header from its end, COMMAND last (pci_restore_state).</summary>
    public void Restore()
    {
        if (_express != 0)
        {
            _function.WriteConfig(_express + PciExp.DevCtl, 2, _deviceControl);
            if (_hasSecond) _function.WriteConfig(_express + PciExp.DevCtl2, 2, _deviceControl2);
        }

        for (int i = _header.Length - 1; i >= 0; i--)
        {
            if (_function.ReadConfig(4 * i, 4) != _header[i]) _function.WriteConfig(4 * i, 4, _header[i]);
        }
    }
}
