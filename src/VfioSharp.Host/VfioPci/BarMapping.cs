// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;
using VfioSharp.Kernel;

namespace VfioSharp.Host.VfioPci;

/// <summary>
/// A BAR in a caller's address space. Each access asks anew whether memory is decoded, as the kernel does by
/// taking the pages away: with decoding off it is a bus error, and it comes back (vfio_pci_mmap_fault).
/// </summary>
internal sealed class BarMapping : IMappedRegion
{
    private readonly VfioPciDevice _device;
    private readonly int _bar;
    private readonly ulong _start;

    public BarMapping(VfioPciDevice device, int bar, ulong start)
    {
        _device = device;
        _bar = bar;
        _start = start;
    }

    public MemoryFault Load(ulong offset, int width, out ulong value) => _device.LoadMapped(_bar, _start + offset, width, out value);

    public MemoryFault Store(ulong offset, int width, ulong value) => _device.StoreMapped(_bar, _start + offset, width, value);
}
