// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Devices.Edu;
using VfioSharp.Host.Iommu;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;

namespace VfioSharp.Devices.Tests;

public sealed class EduDeviceTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly Memory _memory = new();
    private readonly Sink _sink = new();
    private readonly EduDevice _edu;

    public EduDeviceTests()
    {
        _edu = new EduDevice(Machine.Edu(), EduOptions.X86, _time) { Dma = _memory, InterruptSink = _sink };
    }

    public void Dispose() => _edu.Dispose();

    [Fact]
    public void Identification_is_edus() => Assert.Equal(0x010000edUL, _edu.ReadBar(0, 0, 4));

    [Fact]
    public void Liveness_reads_the_complement()
    {
        _edu.WriteBar(0, 4, 4, 0x12345678);
        Assert.Equal(0xedcba987UL, _edu.ReadBar(0, 4, 4));
    }

    [Theory]
    [InlineData(0x00, 1, 0)]
    [InlineData(0x00, 2, 0)]
    [InlineData(0x02, 4, 0)]
    [InlineData(0x00, 8, ulong.MaxValue)]
    [InlineData(0x84, 4, ulong.MaxValue)]
    [InlineData(0x84, 8, 0)]
    [InlineData(0x80, 8, 0)]
    [InlineData(0x80, 2, 0)]
    [InlineData(0xffffc, 4, ulong.MaxValue)]
    [InlineData(0xfffff, 1, 0)]
    public void Access_widths_answer_as_QEMU_does(ulong offset, int width, ulong value) =>
        Assert.Equal(value, _edu.ReadBar(0, offset, width));

    [Fact]
    public void Narrow_write_does_nothing()
    {
        _edu.WriteBar(0, 4, 4, 1);
        _edu.WriteBar(0, 4, 2, 0xffff);
        _edu.WriteBar(0, 0, 8, ulong.MaxValue);
        Assert.Equal(0xfffffffeUL, _edu.ReadBar(0, 4, 4));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(5, 120)]
    [InlineData(10, 3628800)]
    [InlineData(13, 1932053504)]
    [InlineData(33, 2147483648)]
    [InlineData(34, 0)]
    [InlineData(0xffffffff, 0)]
    public void Factorial_is_computed_modulo_2_to_32(uint number, uint factorial)
    {
        _edu.WriteBar(0, 8, 4, number);
        Assert.True(SpinWait.SpinUntil(() => (_edu.ReadBar(0, 0x20, 4) & 1) == 0, 5000));
        Assert.Equal(factorial, _edu.ReadBar(0, 8, 4));
        Assert.Empty(_sink.Events);
    }

    [Fact]
    public void Factorial_interrupts_when_asked()
    {
        _edu.WriteBar(0, 0x20, 4, 0x80);
        _edu.WriteBar(0, 8, 4, 3);
        Assert.True(SpinWait.SpinUntil(() => !_sink.Events.IsEmpty, 5000));
        Assert.Equal("intx True", Assert.Single(_sink.Events));
        Assert.Equal(1UL, _edu.ReadBar(0, 0x24, 4));
        Assert.Equal(0x80UL, _edu.ReadBar(0, 0x20, 4));
    }

    [Fact]
    public void Intx_follows_raise_and_acknowledge()
    {
        _edu.WriteBar(0, 0x60, 4, 3);
        Assert.Equal(0x18u, _edu.ReadConfig(6, 2));
        _edu.WriteBar(0, 0x64, 4, 1);
        Assert.Equal(2UL, _edu.ReadBar(0, 0x24, 4));
        Assert.Equal(0x18u, _edu.ReadConfig(6, 2));
        _edu.WriteBar(0, 0x64, 4, 2);
        Assert.Equal(0x10u, _edu.ReadConfig(6, 2));
        Assert.Equal(["intx True", "intx False"], _sink.Events);
    }

    [Fact]
    public void DisIntx_hides_the_line_but_not_the_status_bit()
    {
        _edu.WriteConfig(4, 2, 0x503);
        _edu.WriteBar(0, 0x60, 4, 1);
        Assert.Empty(_sink.Events);
        Assert.Equal(0x18u, _edu.ReadConfig(6, 2));
        _edu.WriteConfig(4, 2, 0x103);
        Assert.Equal(["intx True"], _sink.Events);
    }

    [Fact]
    public void Msi_needs_the_enable_bit_and_bus_mastering()
    {
        _edu.WriteConfig(0x42, 2, 1);
        _edu.WriteBar(0, 0x60, 4, 1);
        Assert.Empty(_sink.Events);
        _edu.WriteConfig(4, 2, 6);
        _edu.WriteBar(0, 0x60, 4, 1);
        Assert.Equal(["message 0"], _sink.Events);
    }

    [Fact]
    public void Dma_goes_both_ways_in_100_ms()
    {
        _edu.WriteConfig(4, 2, 6);
        for (int i = 0; i < 256; i++) _memory.Bytes[0x1000 + i] = (byte)i;
        Transfer(0x1000, 0x40010, 256, 1);
        Transfer(0x40010, 0x2000, 256, 3);
        Assert.Equal(_memory.Bytes[0x1000..0x1100], _memory.Bytes[0x2000..0x2100]);
    }

    [Fact]
    public void Running_transfer_keeps_its_registers()
    {
        _edu.WriteConfig(4, 2, 6);
        _memory.Bytes[0x1000] = 7;
        Program(0x1000, 0x40000, 1, 1);
        Program(0x1001, 0x40001, 2, 3);
        _time.AdvanceMilliseconds(99);
        Assert.Equal(1UL, _edu.ReadBar(0, 0x98, 8));
        _time.AdvanceMilliseconds(1);
        Assert.Equal(0UL, _edu.ReadBar(0, 0x98, 8));
        Transfer(0x40000, 0x2000, 1, 3);
        Assert.Equal(7, _memory.Bytes[0x2000]);
    }

    [Fact]
    public void Dma_without_bus_mastering_writes_nothing_and_reads_zeros()
    {
        _edu.WriteConfig(4, 2, 6);
        _memory.Bytes[0x1000] = 7;
        Transfer(0x1000, 0x40000, 1, 1);
        _edu.WriteConfig(4, 2, 2);
        Transfer(0x40000, 0x2000, 1, 3);
        Assert.Equal(0, _memory.Bytes[0x2000]);
        Transfer(0x1000, 0x40000, 1, 1);
        _edu.WriteConfig(4, 2, 6);
        _memory.Bytes[0x2000] = 9;
        Transfer(0x40000, 0x2000, 1, 3);
        Assert.Equal(0, _memory.Bytes[0x2000]);
    }

    [Fact]
    public void Bus_mastering_counts_at_the_time_of_the_transfer()
    {
        _edu.WriteConfig(4, 2, 6);
        _memory.Bytes[0x2000] = 9;
        Program(0x40000, 0x2000, 1, 3);
        _edu.WriteConfig(4, 2, 2);
        _time.AdvanceMilliseconds(100);
        Assert.Equal(9, _memory.Bytes[0x2000]);
    }

    [Theory]
    [InlineData(0x41000, 1)]
    [InlineData(0x3ffff, 2)]
    [InlineData(0x40fff, 2)]
    [InlineData(0x40000, 0x1001)]
    [InlineData(0x40000, ulong.MaxValue)]
    [InlineData(0xffffffffffffffff, 2)]
    public void Transfer_outside_the_buffer_is_dropped_and_ends(ulong address, ulong count)
    {
        _edu.WriteConfig(4, 2, 6);
        Array.Fill(_memory.Bytes, (byte)0x5a);
        Transfer(address, 0x2000, count, 7);
        Assert.DoesNotContain(_memory.Bytes, value => value != 0x5a);
        Assert.Equal(0x100UL, _edu.ReadBar(0, 0x24, 4));
    }

    [Fact]
    public void Addresses_are_masked_to_28_bits()
    {
        _edu.WriteConfig(4, 2, 6);
        _memory.Bytes[0x1000] = 7;
        Transfer(0xffff_ffff_1000_1000, 0x40000, 1, 1);
        Transfer(0x40000, 0x2000, 1, 3);
        Assert.Equal(7, _memory.Bytes[0x2000]);
    }

    [Fact]
    public void Power_edu_is_big_endian_with_64_bit_dma()
    {
        using var edu = new EduDevice(Machine.Edu(), EduOptions.Power, _time);
        Assert.Equal(0xed000001UL, edu.ReadBar(0, 0, 4));
        edu.WriteBar(0, 0x80, 8, BinaryPrimitives.ReverseEndianness(0x0102030405060708UL));
        Assert.Equal(BinaryPrimitives.ReverseEndianness(0x05060708u), edu.ReadBar(0, 0x80, 4));
    }

    [Fact]
    public void Reset_keeps_registers_and_drops_the_line()
    {
        _edu.WriteBar(0, 4, 4, 1);
        _edu.WriteBar(0, 0x60, 4, 1);
        _edu.Reset(PciResetMethod.Bus);
        Assert.Equal(0xfffffffeUL, _edu.ReadBar(0, 4, 4));
        Assert.Equal(1UL, _edu.ReadBar(0, 0x24, 4));
        Assert.Equal(0u, _edu.ReadConfig(4, 2));
        Assert.Equal(0x10u, _edu.ReadConfig(6, 2));
        Assert.Equal(["intx True", "intx False"], _sink.Events);
    }

    // A model of the register file, run beside the device.
    [Fact]
    public void Random_accesses_agree_with_a_model_of_the_registers()
    {
        for (int seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var model = new Dictionary<ulong, ulong>();
            using var edu = new EduDevice(Machine.Edu(), EduOptions.X86, _time);
            for (int step = 0; step < 200; step++)
            {
                ulong[] places = [4, 0x80, 0x88, 0x90];
                ulong offset = places[random.Next(places.Length)];
                int width = 1 << random.Next(4);
                ulong value = (ulong)random.NextInt64();
                if (random.Next(2) == 0)
                {
                    edu.WriteBar(0, offset, width, value);
                    if (offset == 4 && width == 4) model[4] = ~(uint)value;
                    if (offset >= 0x80 && width >= 4) model[offset] = width == 4 ? (uint)value : value;
                    continue;
                }

                ulong held = model.GetValueOrDefault(offset);
                ulong expected = width < 4 || (offset == 4 && width == 8) ? 0 : held;
                ulong actual = edu.ReadBar(0, offset, width);
                if (width == 4) (expected, actual) = ((uint)expected, (uint)actual);
                Assert.True(expected == actual, $"seed {seed} step {step} offset 0x{offset:x} width {width}");
            }
        }
    }

    private void Program(ulong source, ulong destination, ulong count, ulong command)
    {
        _edu.WriteBar(0, 0x80, 8, source);
        _edu.WriteBar(0, 0x88, 8, destination);
        _edu.WriteBar(0, 0x90, 8, count);
        _edu.WriteBar(0, 0x98, 8, command);
    }

    private void Transfer(ulong source, ulong destination, ulong count, ulong command)
    {
        Program(source, destination, count, command);
        _time.AdvanceMilliseconds(100);
        Assert.Equal(0UL, _edu.ReadBar(0, 0x98, 8) & 1);
    }

    private sealed class Memory : IDmaPort
    {
        public byte[] Bytes { get; } = new byte[0x4000];

        public bool Read(Iova iova, Span<byte> destination)
        {
            Bytes.AsSpan((int)iova.Value, destination.Length).CopyTo(destination);
            return true;
        }

        public bool Write(Iova iova, ReadOnlySpan<byte> source)
        {
            source.CopyTo(Bytes.AsSpan((int)iova.Value));
            return true;
        }
    }

    private sealed class Sink : IPciInterruptSink
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Events { get; } = new();

        public void IntxChanged(bool asserted) => Events.Enqueue($"intx {asserted}");

        public void Message(int vector) => Events.Enqueue($"message {vector}");
    }
}
