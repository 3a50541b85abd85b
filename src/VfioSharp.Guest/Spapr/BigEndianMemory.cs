// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Guest.Memory;

namespace VfioSharp.Guest.Spapr;

/// <summary>Numbers as firmware interfaces of POWER have them in the guest's memory. What is not there reads as ones.</summary>
internal static class BigEndianMemory
{
    public static uint LoadBigEndian32(this GuestAddressSpace memory, GuestPhysicalAddress address) =>
        memory.Load(address, sizeof(uint), out ulong value) == MemoryAccessResult.Done ? BinaryPrimitives.ReverseEndianness((uint)value) : uint.MaxValue;

    public static ulong LoadBigEndian64(this GuestAddressSpace memory, GuestPhysicalAddress address) =>
        memory.Load(address, sizeof(ulong), out ulong value) == MemoryAccessResult.Done ? BinaryPrimitives.ReverseEndianness(value) : ulong.MaxValue;

    public static void StoreBigEndian32(this GuestAddressSpace memory, GuestPhysicalAddress address, uint value) =>
        memory.Store(address, sizeof(uint), BinaryPrimitives.ReverseEndianness(value));
}
