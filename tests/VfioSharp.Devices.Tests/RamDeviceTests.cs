// SPDX-License-Identifier: MIT
using VfioSharp.Devices.Ram;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;

namespace VfioSharp.Devices.Tests;

/// <summary>The device with memory of its own.</summary>
public sealed class RamDeviceTests
{
    [Fact]
    public void Bars_called_memory_are_that_and_large_others_behind_their_registers() => Assert.Equal(
        [new BarMemoryArea(2, 0, 0x100000), new BarMemoryArea(4, 0x10000, 0x10000)], Card().Memory.Areas);

    [Fact]
    public void Model_and_users_share_the_bytes()
    {
        RamDevice card = Card();
        card.WriteBar(0, RamRegister.Select, 4, 4);
        card.WriteBar(0, RamRegister.Fill, 4, 3);
        byte[] read = new byte[2];
        Assert.True(card.Memory.Read(4, 0x1fffe, read));
        Assert.Equal([3, 3], read);
        Assert.True(card.Memory.Write(4, 0x10000, [0, 255]));
        Assert.Equal((3u * 0x10000) - 6 + 255, (uint)card.ReadBar(0, RamRegister.Sum, 4));
    }

    [Theory]
    [InlineData(0, 0UL)]
    [InlineData(4, 0xfffeUL)]
    [InlineData(4, 0x1ffffUL)]
    [InlineData(2, 0xfffffUL)]
    [InlineData(2, ulong.MaxValue)]
    public void What_does_not_all_lie_in_memory_is_neither_read_nor_written(int bar, ulong offset)
    {
        RamDevice card = Card();
        Assert.False(card.Memory.Read(bar, offset, new byte[4]));
        Assert.False(card.Memory.Write(bar, offset, new byte[4]));
    }

    [Fact]
    public void Bytes_move_into_a_file_and_back()
    {
        BarMemory memory = Card().Memory;
        memory.Write(2, 5, [1]);
        var file = new HeldFile();
        memory.Attach(file);
        memory.Write(2, 6, [2]);
        Assert.Equal([1, 2], file.Bytes[5..7]);
        memory.Detach(file);
        byte[] read = new byte[2];
        memory.Read(2, 5, read);
        Assert.Equal([1, 2], read);
        Assert.False(file.IsShown);
    }

    [Fact]
    public void A_file_without_pages_gets_no_bytes()
    {
        BarMemory memory = Card().Memory;
        memory.Attach(new HeldFile { IsFull = true });
        memory.Write(2, 5, [1]);
        byte[] read = new byte[1];
        memory.Read(2, 5, read);
        Assert.Equal([1], read);
    }

    private static RamDevice Card()
    {
        DeviceDescription description = Machine.Device(
            "ram", "f41a1011", 256, new PciBar(0, 0xfea00000, 0x1000, 0x40200), new PciBar(2, 0xfeb00000, 0x100000, 0x40200), new PciBar(4, 0xfec00000, 0x20000, 0x40200));
        return new RamDevice(description with { MemoryBars = [2] });
    }

    // Of the first area.
    private sealed class HeldFile : IBarMemoryFile
    {
        public byte[] Bytes { get; } = new byte[0x100000];

        public bool IsShown { get; private set; }

        public bool IsFull { get; init; }

        public bool Show() => IsShown = !IsFull;

        public void Hide() => IsShown = false;

        public void Read(int area, ulong offset, Span<byte> destination)
        {
            if (area == 0) Bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        }

        public void Write(int area, ulong offset, ReadOnlySpan<byte> source)
        {
            if (area == 0) source.CopyTo(Bytes.AsSpan((int)offset));
        }
    }
}
