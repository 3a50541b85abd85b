// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Pci;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>Configuration space that is plain memory, at first random but for the header; it takes aligned accesses only.</summary>
internal sealed class PlainConfig : PciFunction
{
    private readonly PciBar[] _bars = [.. Enumerable.Range(0, 7).Select(i => new PciBar(i, 0, 0, 0))];

    public PlainConfig(Random random)
    {
        random.NextBytes(Bytes.AsSpan(0x40));
        new byte[] { 0x34, 0x12, 0x78, 0x56, 0, 0, 0x10, 0 }.CopyTo(Bytes, 0);
    }

    public byte[] Bytes { get; } = new byte[4096];

    public override PciAddress Address { get; } = new(0, 1, 0, 0);

    public override string? Alias => null;

    public override int ConfigSize => 4096;

    public override IReadOnlyList<PciBar> Bars => _bars;

    public override IReadOnlyList<PciResetMethod> ResetMethods => [];

    public override uint ReadConfig(int offset, int width)
    {
        AssertAligned(offset, width);
        uint value = 0;
        for (int i = 0; i < width; i++) value |= (uint)Bytes[offset + i] << (8 * i);
        return value;
    }

    public override void WriteConfig(int offset, int width, uint value)
    {
        AssertAligned(offset, width);
        for (int i = 0; i < width; i++) Bytes[offset + i] = (byte)(value >> (8 * i));
    }

    public override ulong ReadBar(int bar, ulong offset, int width) => 0;

    public override void WriteBar(int bar, ulong offset, int width, ulong value)
    {
    }

    public override void Reset(PciResetMethod method)
    {
    }

    private static void AssertAligned(int offset, int width) => Assert.True(width is 1 or 2 or 4 && offset % width == 0, $"{width} bytes at 0x{offset:x}");
}
