// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Host.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>
/// The engine of configuration space under permissions that no kernel has: random bits, random capabilities at random
/// places, some of odd lengths, random accesses across their bounds.
/// </summary>
public sealed class ConfigTablePropertyTests
{
    private const int ConfigSize = 4096;

    // Id and length; 0 for one that says its own length.
    private static readonly (byte Id, int Length)[] s_conventional = [(0x03, 8), (0x07, 24), (0x09, 0), (0x11, 12), (0x13, 6)];
    private static readonly (ushort Id, int Length)[] s_extended = [(0x0001, 0x2c), (0x0004, 0x10), (0x0003, 12), (0x0018, 8), (0x000b, 0), (0x0023, 0)];

    [Fact]
    public void Random_accesses_under_random_permissions_agree_with_a_model_of_single_bits()
    {
        int first = Random.Shared.Next();
        for (int i = 0; i < 200; i++) Run(unchecked(first + i));
    }

    private static void Run(int seed)
    {
        var random = new Random(seed);
        var function = new PlainConfig(random);
        (ConfigPermissions? Table, int Start)[] layout = PlaceCapabilities(random, function, out ConfigTables tables);
        using var host = new SoftwareHost(new TestPlatform(1));
        using SoftwareProcess process = host.CreateProcess("config");
        ulong buffer = (ulong)process.MapAnonymous(4096, 4096, MemoryProtection.ReadWrite, MemoryKind.Private).Value;
        var config = new VirtualConfig(function, new NoConfigEffects(), tables);
        var model = new ConfigBitModel(function.Bytes, offset => layout[offset]);
        for (int step = 0; step < 150; step++)
        {
            // The first 512 bytes have most of what there is.
            int offset = random.Next(0x40, random.Next(3) == 0 ? ConfigSize - 1 : 0x200);
            var data = new byte[random.Next(1, Math.Min(40, ConfigSize - offset) + 1)];
            string what = $"seed {seed}, step {step}: {data.Length} bytes at 0x{offset:x}";
            if (random.Next(2) == 0)
            {
                random.NextBytes(data);
                process.Memory.TryWrite(buffer, data);
                Assert.True(config.Write(process.Caller, buffer, (ulong)data.Length, (ulong)offset).RawValue == data.Length, what);
                model.Write(offset, data);
            }
            else
            {
                Assert.True(config.Read(process.Caller, buffer, (ulong)data.Length, (ulong)offset).RawValue == data.Length, what);
                process.Memory.TryRead(buffer, data);
                Assert.True(data.AsSpan().SequenceEqual(model.Read(offset, data.Length)), what);
            }
        }

        Assert.True(function.Bytes.AsSpan(0x40).SequenceEqual(model.Hardware.AsSpan(0x40)), $"seed {seed}: the hardware's bytes");
    }

    // Writes the lists into the function, and says of each byte what it belongs to.
    private static (ConfigPermissions? Table, int Start)[] PlaceCapabilities(Random random, PlainConfig function, out ConfigTables tables)
    {
        var layout = new (ConfigPermissions? Table, int Start)[ConfigSize];
        ConfigPermissions[] conventional = RandomTables(random), extended = RandomTables(random);
        tables = new ConfigTables(id => conventional[(int)id], id => extended[id]);
        byte[] bytes = function.Bytes;
        int link = 0x34, at = 0x40;
        foreach ((byte id, int fixedLength) in Shuffled(random, s_conventional))
        {
            int length = fixedLength != 0 ? fixedLength : random.Next(3, 30);
            bytes[link] = (byte)at;
            (bytes[at], bytes[at + 1]) = (id, 0);
            if (fixedLength == 0) bytes[at + 2] = (byte)length;

            // PCI-X of version 1: what allows extended capabilities.
            if (id == 0x07) (bytes[at + 2], bytes[at + 3]) = (0, 0x10);
            Array.Fill(layout, (conventional[id], at), at, length);
            link = at + 1;
            at = Next(random, at, length);
        }

        at = 0x100;
        int previous = 0;
        foreach ((ushort id, int fixedLength) in Shuffled(random, s_extended))
        {
            int length = fixedLength != 0 ? fixedLength : random.Next(8, 50);
            if (previous != 0) BitConverter.TryWriteBytes(bytes.AsSpan(previous + 2), (ushort)(1 | (at << 4)));
            BitConverter.TryWriteBytes(bytes.AsSpan(at), id | (1u << 16));
            if (fixedLength == 0) BitConverter.TryWriteBytes(bytes.AsSpan(at + 4), (uint)length << 20);
            Array.Fill(layout, (extended[id], at), at, length);
            previous = at;
            at = Next(random, at, length);
        }

        return layout;
    }

    // Often without a gap: one access then reaches two capabilities.
    private static int Next(Random random, int at, int length) => ((at + length + 3) & ~3) + (4 * random.Next(3));

    private static T[] Shuffled<T>(Random random, T[] items)
    {
        T[] shuffled = [.. items];
        random.Shuffle(shuffled);
        return shuffled;
    }

    private static ConfigPermissions[] RandomTables(Random random) =>
        [.. Enumerable.Range(0, 256).Select(_ =>
        {
            // Some are shorter than their capability: nothing is permitted beyond.
            int length = random.Next(60);
            return new ConfigPermissions(RandomBits(random, length), RandomBits(random, length));
        })];

    private static byte[] RandomBits(Random random, int length) =>
        [.. Enumerable.Range(0, length).Select(_ => random.Next(3) switch { 0 => (byte)0, 1 => (byte)0xff, _ => (byte)random.Next(256) })];
}
