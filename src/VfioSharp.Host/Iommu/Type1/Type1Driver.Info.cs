// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Iommu.Type1;

/// <summary>IOMMU_GET_INFO.</summary>
internal sealed partial class Type1Driver
{
    // vfio_iommu_type1_get_info
    private KernelResult GetInfo(Caller caller, ulong argument)
    {
        VfioIommuType1Info info = default;
        const int Smallest = 16; // up to and with iova_pgsizes
        int whole = Unsafe.SizeOf<VfioIommuType1Info>();
        if (!UserMemory.TryRead(caller, argument, ref info, Smallest)) return UserMemory.Fault("IOMMU_GET_INFO", argument, Smallest);
        if (info.Argsz < Smallest) return UserMemory.ShortArgument("IOMMU_GET_INFO", info.Argsz, Smallest);
        int copied = (int)Math.Min(info.Argsz, (uint)whole);
        Span<byte> chain = stackalloc byte[MostCapabilityBytes];
        int length;
        using (_domain.Lock.EnterScope())
        {
            info.Flags = VfioIommuInfoFlags.Pgsizes | VfioIommuInfoFlags.Caps;
            info.IovaPgsizes = _pageSizes;
            if (RangesSize > chain.Length - RangesOffset) chain = new byte[RangesOffset + RangesSize];
            length = WriteCapabilities(chain, (uint)whole);
        }

        uint needed = (uint)(whole + length);
        if (info.Argsz < needed)
        {
            info.Argsz = needed;
        }
        else
        {
            ulong at = unchecked(argument + (ulong)whole);
            if (!caller.Memory.TryWrite(at, chain[..length])) return UserMemory.Fault("IOMMU_GET_INFO", at, length);
            info.CapOffset = (uint)whole;
        }

        return UserMemory.TryWrite(caller, argument, in info, copied) ? KernelResult.Success : UserMemory.Fault("IOMMU_GET_INFO", argument, copied);
    }

    // Sizes of the chain's parts: migration, DMA available (padded to 8), IOVA ranges.
    private const int MigrationSize = 32;
    private const int DmaAvailableSize = 16;
    private const int RangesOffset = MigrationSize + DmaAvailableSize;
    private const int MostCapabilityBytes = 512;

    private int RangesSize => _validRanges.Count == 0 ? 0 : 16 + (16 * _validRanges.Count);

    private int WriteCapabilities(Span<byte> chain, uint offset)
    {
        chain.Clear();
        Header(chain, VfioIommuType1InfoCap.Migration, offset + MigrationSize);
        BinaryPrimitives.WriteUInt64LittleEndian(chain[16..], MinPageSize);
        BinaryPrimitives.WriteUInt64LittleEndian(chain[24..], DirtyBits.LargestBytes);

        Span<byte> available = chain[MigrationSize..];
        Header(available, VfioIommuType1InfoCap.DmaAvail, _validRanges.Count == 0 ? 0 : offset + RangesOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(available[8..], _entriesLeft);
        if (_validRanges.Count == 0) return RangesOffset;

        Span<byte> ranges = chain[RangesOffset..];
        Header(ranges, VfioIommuType1InfoCap.IovaRange, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(ranges[8..], (uint)_validRanges.Count);
        for (int i = 0; i < _validRanges.Count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(ranges[(16 + (16 * i))..], _validRanges[i].Start);
            BinaryPrimitives.WriteUInt64LittleEndian(ranges[(24 + (16 * i))..], _validRanges[i].Last);
        }

        return RangesOffset + RangesSize;
    }

    private static void Header(Span<byte> capability, uint id, uint next)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(capability, (ushort)id);
        BinaryPrimitives.WriteUInt16LittleEndian(capability[2..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(capability[4..], next);
    }
}
