// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Supervisor.Traps;

namespace VfioSharp.Supervisor.Tests.Traps;

/// <summary>The decoder and what carries instructions out, on bytes of any kind. TrapTests compare them with a processor.</summary>
public sealed class InstructionEmulatorTests
{
    private const ulong Device = 0x10000;

    // Instructions on memory at rbx, by their opcodes: random operands and prefixes make the rest.
    private static readonly byte[][] s_opcodes =
    [
        [0x88], [0x89], [0x8a], [0x8b], [0x8c], [0x8e], [0x8f], [0xa4], [0xa5], [0xaa], [0xab], [0xac], [0xad], [0xa6], [0xae], [0xc6], [0xc7], [0xd0], [0xd1], [0xd3],
        [0xf6], [0xf7], [0xfe], [0xff], [0x80], [0x81], [0x83], [0x84], [0x86], [0x00], [0x01], [0x13], [0x1b], [0x69], [0x63], [0xd9], [0xdd], [0x0f, 0xb6], [0x0f, 0xbf],
        [0x0f, 0xab], [0x0f, 0xba], [0x0f, 0xc1], [0x0f, 0xb1], [0x0f, 0xc7], [0x0f, 0x44], [0x0f, 0x94], [0x0f, 0x10], [0x0f, 0x11], [0x0f, 0x12], [0x0f, 0x17],
        [0x0f, 0x6f], [0x0f, 0x7f], [0x0f, 0x7e], [0x0f, 0xd6], [0x0f, 0xe7], [0x0f, 0x38, 0xf0], [0x0f, 0x38, 0xf1], [0x0f, 0xae], [0x0f, 0x18], [0xc5, 0xfe, 0x6f], [0x62],
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Bytes_of_any_kind_are_carried_out_or_unknown_and_never_more(int seed)
    {
        Random random = new(seed);
        Memory memory = new();
        RegisterFile registers = new(0);
        InstructionEmulator emulator = new(memory, registers);
        int[] results = new int[3];
        byte[] code = new byte[15];
        for (int i = 0; i < 300_000; i++)
        {
            random.NextBytes(code);
            if (i % 4 != 0) Compose(random, code);
            registers.General.Rbx = registers.General.Rsi = registers.General.Rdi = registers.General.Rsp = Device + (ulong)random.Next(64);
            registers.General.Rcx = (ulong)random.Next(20);
            registers.General.Flags = (ulong)random.Next(0x1000) | 2;
            registers.General.Rip = 0x400000;
            results[(int)emulator.Execute(code.AsSpan(0, random.Next(16)))]++;
        }

        // Each of the ends is really met.
        Assert.All(results, count => Assert.InRange(count, 1000, 299_000));
    }

    private static void Compose(Random random, byte[] code)
    {
        byte[] prefixes = [0x66, 0xf2, 0xf3, 0xf0, 0x48, 0x4c, 0x44, 0x64];
        int at = 0;
        for (int count = random.Next(3); count > 0; count--) code[at++] = prefixes[random.Next(prefixes.Length)];
        byte[] opcode = s_opcodes[random.Next(s_opcodes.Length)];
        opcode.CopyTo(code, at);
        // modrm: [rbx], any register.
        code[at + opcode.Length] = (byte)(3 | (random.Next(8) << 3));
    }

    private sealed class Memory : IDeviceMemory
    {
        private int _accesses;

        public bool Contains(ulong address) => address is >= Device and < Device + 4096;

        public MemoryFault Load(ulong address, int width, out ulong value)
        {
            Assert.Contains(width, (int[])[1, 2, 4, 8]);
            value = 0x1122334455667788 & (width == 8 ? ulong.MaxValue : (1UL << (8 * width)) - 1);
            return ++_accesses % 50 == 0 ? MemoryFault.Bus : MemoryFault.None;
        }

        public MemoryFault Store(ulong address, int width, ulong value)
        {
            Assert.Contains(width, (int[])[1, 2, 4, 8]);
            return ++_accesses % 50 == 0 ? MemoryFault.Bus : MemoryFault.None;
        }

        public bool TryRead(ulong address, Span<byte> destination)
        {
            destination.Clear();
            return address % 5 != 0;
        }

        public bool TryWrite(ulong address, ReadOnlySpan<byte> source) => address % 5 != 0;
    }
}
