// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Tests.Calls;

/// <summary>Runs a classic BPF program on a system call, as the kernel does (net/core/filter.c: the codes seccomp allows).</summary>
internal static class FilterInterpreter
{
    public const uint X64 = 0xC000003E;

    public static uint Run(BpfInstruction[] program, int number, ulong[] arguments, uint architecture = X64)
    {
        byte[] data = new byte[64];
        BinaryPrimitives.WriteInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(4), architecture);
        for (int i = 0; i < arguments.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(16 + (8 * i)), arguments[i]);

        uint accumulator = 0;
        for (int at = 0; ; at++)
        {
            BpfInstruction line = program[at];
            bool? jump = null;
            switch (line.Code)
            {
                case 0x20: accumulator = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan((int)line.Operand)); break;
                case 0x54: accumulator &= line.Operand; break;
                case 0x15: jump = accumulator == line.Operand; break;
                case 0x25: jump = accumulator > line.Operand; break;
                case 0x35: jump = accumulator >= line.Operand; break;
                case 0x06: return line.Operand;
                default: throw new InvalidOperationException($"instruction {at} has code 0x{line.Code:x}");
            }

            if (jump is { } taken) at += taken ? line.JumpTrue : line.JumpFalse;
        }
    }
}
