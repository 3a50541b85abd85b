// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Memory;

/// <summary>Memory of this process that the guest sees: its RAM, a ROM, or a device's BAR that is mapped.</summary>
public sealed class RamRegion : MemoryRegion
{
    /// <summary>Makes a region of all of a mapping. The region keeps it alive, and does not dispose it.</summary>
    /// <param name="topology">The machine's regions.</param>
    /// <param name="name">For messages.</param>
    /// <param name="memory">The memory: <see cref="IVfioKernel.AllocateMemory"/>, or a memfd or a BAR mapped by <see cref="IVfioKernel.Map"/>.</param>
    /// <param name="isReadOnly">Whether guest and devices can only read it.</param>
    /// <param name="isDevice">Whether it is a device's registers: mapped for other devices' DMA if that is possible, and not registered on POWER.</param>
    public RamRegion(MemoryTopology topology, string name, VfioMapping memory, bool isReadOnly = false, bool isDevice = false)
        : base(topology, name, Checked(memory).Length)
    {
        Memory = memory;
        IsReadOnly = isReadOnly;
        IsDevice = isDevice;
    }

    /// <summary>The memory.</summary>
    public VfioMapping Memory { get; }

    /// <summary>Whether guest and devices can only read it.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Whether it is a device's registers, mapped.</summary>
    public bool IsDevice { get; }

    internal override ulong Capacity => Memory.Length;

    private static VfioMapping Checked(VfioMapping memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return memory;
    }
}
