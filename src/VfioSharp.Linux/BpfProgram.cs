// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Linux;

/// <summary>One classic BPF instruction (struct sock_filter).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct BpfInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Operand);

/// <summary>A place in a <see cref="BpfProgram"/> that jumps lead to; set once, after the jumps.</summary>
public sealed class BpfLabel
{
    internal int Position { get; set; } = -1;
}

/// <summary>
/// Builds a classic BPF program for seccomp: one accumulator, 32-bit words of struct seccomp_data, forward jumps.
/// </summary>
/// <remarks>A jump spans at most 255 instructions: keep labels near.</remarks>
public sealed class BpfProgram
{
    /// <summary>Offset of the system call's number in seccomp_data.</summary>
    public const uint NumberOffset = 0;

    /// <summary>Offset of the AUDIT_ARCH_* value.</summary>
    public const uint ArchitectureOffset = 4;

    /// <summary>SECCOMP_RET_ALLOW.</summary>
    public const uint Allow = 0x7fff0000;

    /// <summary>SECCOMP_RET_USER_NOTIF.</summary>
    public const uint Notify = 0x7fc00000;

    // include/uapi/linux/bpf_common.h and filter.h: BPF_LD|BPF_W|BPF_ABS, BPF_ALU|BPF_AND|BPF_K, BPF_JMP|…|BPF_K, BPF_RET|BPF_K.
    internal const ushort LoadWordCode = 0x20;
    internal const ushort AndCode = 0x54;
    internal const ushort JumpEqualCode = 0x15;
    internal const ushort JumpGreaterCode = 0x25;
    internal const ushort JumpGreaterOrEqualCode = 0x35;
    internal const ushort ReturnCode = 0x06;

    private readonly List<(BpfInstruction Instruction, BpfLabel? True, BpfLabel? False)> _lines = [];

    /// <summary>Offset of the low word of argument <paramref name="index"/> (0–5), on a little-endian machine.</summary>
    public static uint LowWordOf(int index) => 16 + 8 * (uint)index;

    /// <summary>Offset of the high word of argument <paramref name="index"/>.</summary>
    public static uint HighWordOf(int index) => LowWordOf(index) + 4;

    /// <summary>Accumulator = the word at <paramref name="offset"/> of seccomp_data.</summary>
    public BpfProgram Load(uint offset) => Add(LoadWordCode, offset);

    /// <summary>Accumulator &amp;= <paramref name="mask"/>.</summary>
    public BpfProgram And(uint mask) => Add(AndCode, mask);

    /// <summary>Jumps when the accumulator equals <paramref name="value"/>; null: goes on.</summary>
    public BpfProgram IfEqual(uint value, BpfLabel? then, BpfLabel? otherwise = null) => Add(JumpEqualCode, value, then, otherwise);

    /// <summary>Jumps when the accumulator is above <paramref name="value"/>, unsigned.</summary>
    public BpfProgram IfAbove(uint value, BpfLabel? then, BpfLabel? otherwise = null) => Add(JumpGreaterCode, value, then, otherwise);

    /// <summary>Jumps when the accumulator is not below <paramref name="value"/>, unsigned.</summary>
    public BpfProgram IfNotBelow(uint value, BpfLabel? then, BpfLabel? otherwise = null) => Add(JumpGreaterOrEqualCode, value, then, otherwise);

    /// <summary>Jumps, whatever the accumulator holds.</summary>
    public BpfProgram GoTo(BpfLabel label) => IfEqual(0, label, label);

    /// <summary>Ends the program with a SECCOMP_RET_* value.</summary>
    public BpfProgram Return(uint action) => Add(ReturnCode, action);

    /// <summary>Sets a label to the next instruction.</summary>
    public BpfProgram Mark(BpfLabel label)
    {
        if (label.Position >= 0) throw new InvalidOperationException("the label is set already");
        label.Position = _lines.Count;
        return this;
    }

    /// <summary>The instructions, with jumps resolved.</summary>
    public BpfInstruction[] Assemble()
    {
        BpfInstruction[] program = new BpfInstruction[_lines.Count];
        for (int i = 0; i < program.Length; i++)
        {
            (BpfInstruction instruction, BpfLabel? then, BpfLabel? otherwise) = _lines[i];
            program[i] = instruction with { JumpTrue = Distance(i, then), JumpFalse = Distance(i, otherwise) };
        }

        return program;
    }

    private static byte Distance(int from, BpfLabel? label)
    {
        if (label is null) return 0;
        int distance = label.Position - from - 1;
        if (label.Position < 0 || distance is < 0 or > 255)
            throw new InvalidOperationException($"instruction {from} cannot jump to {label.Position}");
        return (byte)distance;
    }

    private BpfProgram Add(ushort code, uint operand, BpfLabel? then = null, BpfLabel? otherwise = null)
    {
        _lines.Add((new BpfInstruction(code, 0, 0, operand), then, otherwise));
        return this;
    }
}
