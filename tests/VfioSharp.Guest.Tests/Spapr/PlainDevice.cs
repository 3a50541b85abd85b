// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Pci;

namespace VfioSharp.Guest.Tests.Spapr;

/// <summary>An emulated device that does DMA when it is told to.</summary>
internal sealed class PlainDevice(string id = "plain") : EmulatedPciDevice(id, 0x1234, 0x0001, 0xff0000)
{
    public bool Read(ulong address, Span<byte> destination) => ReadDma(address, destination);

    public bool Interrupt(int vector) => Notify(vector);

    public void Pin(bool asserted) => SetIntx(asserted);

    protected override void OnStart()
    {
        SetInterruptPin(1);
        AddMsi(4);
    }
}
