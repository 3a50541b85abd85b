// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>Whose capabilities are printed: the same number means different things.</summary>
internal enum CapabilityOwner
{
    /// <summary>DEVICE_GET_INFO.</summary>
    Device,

    /// <summary>DEVICE_GET_REGION_INFO.</summary>
    Region,

    /// <summary>IOMMU_GET_INFO.</summary>
    Iommu,
}

/// <summary>Prints a chain of info capabilities, a continuation line each.</summary>
internal static class CapabilityChain
{
    private const int HeaderLength = 8;
    private const int Limit = 64;

    /// <summary>Prints the chain that begins at <paramref name="offset"/>; offset 0 ends it.</summary>
    public static void Print(ScriptOutput output, ReadOnlySpan<byte> bytes, uint offset, CapabilityOwner owner)
    {
        for (int i = 0; i < Limit && offset != 0 && offset + (ulong)HeaderLength <= (ulong)bytes.Length; i++)
        {
            ReadOnlySpan<byte> capability = bytes[(int)offset..];
            ushort id = BinaryPrimitives.ReadUInt16LittleEndian(capability);
            ushort version = BinaryPrimitives.ReadUInt16LittleEndian(capability[2..]);
            uint next = Word(capability, 4);
            output.Append(string.Create(
                CultureInfo.InvariantCulture, $"\n  cap at=0x{offset:x} id=0x{id:x} ver=0x{version:x} next=0x{next:x}"));
            output.Append(Describe(capability[HeaderLength..], id, owner));
            offset = next;
        }
    }

    private static string Describe(ReadOnlySpan<byte> data, ushort id, CapabilityOwner owner) => (owner, id) switch
    {
        (CapabilityOwner.Region, 1) => $" sparse nr=0x{Word(data, 0):x}" + Pairs(data, '+'),
        (CapabilityOwner.Region, 2) => $" type=0x{Word(data, 0):x} subtype=0x{Word(data, 4):x}",
        (CapabilityOwner.Region, 3) => " msix_mappable",
        (CapabilityOwner.Region, 4 or 5) => " nvlink",
        (CapabilityOwner.Device, 5) => $" atomic_comp=0x{Word(data, 0):x}",
        (CapabilityOwner.Iommu, 1) => $" iova_ranges nr=0x{Word(data, 0):x}" + Pairs(data, '-'),
        (CapabilityOwner.Iommu, 2) => $" migration flags=0x{Word(data, 0):x} pgsizes=0x{Long(data, 8):x} max_bitmap=0x{Long(data, 16):x}",
        (CapabilityOwner.Iommu, 3) => $" dma_avail=0x{Word(data, 0):x}",
        _ => "",
    };

    // A count, four bytes of nothing, and pairs of 64-bit numbers.
    private static string Pairs(ReadOnlySpan<byte> data, char between)
    {
        StringBuilder text = new();
        uint count = Word(data, 0);
        for (int i = 0, at = 8; i < count && at + 16 <= data.Length; i++, at += 16)
            text.Append(CultureInfo.InvariantCulture, $" [0x{Long(data, at):x}{between}0x{Long(data, at + 8):x}]");
        return text.ToString();
    }

    private static uint Word(ReadOnlySpan<byte> data, int at) =>
        at + 4 <= data.Length ? BinaryPrimitives.ReadUInt32LittleEndian(data[at..]) : 0;

    private static ulong Long(ReadOnlySpan<byte> data, int at) =>
        at + 8 <= data.Length ? BinaryPrimitives.ReadUInt64LittleEndian(data[at..]) : 0;
}
