// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using Iced.Intel;
using VfioSharp.Kernel;

namespace VfioSharp.Supervisor.Traps;

/// <summary>How carrying an instruction out ended.</summary>
internal enum EmulationResult
{
    /// <summary>It is done: the registers are those after it.</summary>
    Done,

    /// <summary>The device refuses the access: the program gets its signal.</summary>
    Faulted,

    /// <summary>It is none of the instructions that are known.</summary>
    Unknown,
}

/// <summary>
/// Carries one x86-64 instruction out whose memory operand is device memory: the moves, vector moves, string
/// instructions, and arithmetic that compilers and libraries use on registers of devices. Each access goes to the
/// device as one, as large as the instruction's, and at most 8 bytes.
/// </summary>
internal sealed partial class InstructionEmulator
{
    private readonly IDeviceMemory _memory;
    private readonly RegisterFile _registers;
    private readonly CodeBytes _code = new();
    private readonly Decoder _decoder;
    private readonly VATryGetRegisterValue _readForAddress;
    private MemoryFault _fault;

    public InstructionEmulator(IDeviceMemory memory, RegisterFile registers)
    {
        _memory = memory;
        _registers = registers;
        _decoder = Decoder.Create(64, _code);
        _readForAddress = ReadForAddress;
    }

    /// <summary>The last instruction, for messages.</summary>
    public Instruction Last { get; private set; }

    /// <summary>Carries out the instruction whose bytes these are, at the thread's rip.</summary>
    public EmulationResult Execute(ReadOnlySpan<byte> code)
    {
        _code.Set(code);
        _decoder.IP = _registers.General.Rip;
        _decoder.Decode(out Instruction instruction);
        Last = instruction;
        _fault = MemoryFault.None;
        if (instruction.IsInvalid) return EmulationResult.Unknown;
        if (instruction.IsStringInstruction) return Finish(in instruction, ExecuteString(in instruction));
        int operand = MemoryOperand(in instruction);
        if (operand < 0) return EmulationResult.Unknown;
        return instruction.TryGetVirtualAddress(operand, 0, out ulong address, _readForAddress)
            ? Finish(in instruction, ExecuteMemory(in instruction, operand, address))
            : EmulationResult.Unknown;
    }

    private EmulationResult Finish(in Instruction instruction, bool known)
    {
        if (!known) return EmulationResult.Unknown;
        if (_fault != MemoryFault.None) return EmulationResult.Faulted;
        if (!_repeats) _registers.General.Rip = instruction.NextIP;
        _repeats = false;
        return EmulationResult.Done;
    }

    private bool ExecuteMemory(in Instruction instruction, int operand, ulong address)
    {
        int width = instruction.MemorySize.GetSize();
        if (!UsesGeneralRegisters(in instruction)) return ExecuteVector(in instruction, operand, address, width);
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Mov or Mnemonic.Movnti:
                if (operand == 0) Store(address, width, Source(in instruction, 1));
                else if (TryLoad(address, width, out ulong moved)) _registers.Write(instruction.Op0Register, moved);
                return true;
            case Mnemonic.Movzx:
                if (TryLoad(address, width, out ulong zeroExtended)) _registers.Write(instruction.Op0Register, zeroExtended);
                return true;
            case Mnemonic.Movsx or Mnemonic.Movsxd:
                if (TryLoad(address, width, out ulong signExtended)) _registers.Write(instruction.Op0Register, SignExtend(signExtended, width));
                return true;
            case Mnemonic.Movbe:
                if (operand == 0) Store(address, width, Reverse(_registers.Read(instruction.Op1Register), width));
                else if (TryLoad(address, width, out ulong swapped)) _registers.Write(instruction.Op0Register, Reverse(swapped, width));
                return true;
            case Mnemonic.Xchg:
                Register other = operand == 0 ? instruction.Op1Register : instruction.Op0Register;
                if (!TryLoad(address, width, out ulong old)) return true;
                Store(address, width, _registers.Read(other));
                if (_fault == MemoryFault.None) _registers.Write(other, old);
                return true;
            case Mnemonic.Prefetchnta or Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2 or Mnemonic.Prefetchw:
                return true;
            default:
                return ExecuteArithmetic(in instruction, operand, address, width) || ExecuteBits(in instruction, operand, address, width);
        }
    }

    // Which operand is memory; -1: none.
    private static int MemoryOperand(in Instruction instruction)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) == OpKind.Memory) return i;
        }

        return -1;
    }

    // Not those of segments, vectors, masks, the control or the debugger.
    private static bool UsesGeneralRegisters(in Instruction instruction)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) == OpKind.Register && !instruction.GetOpRegister(i).IsGPR()) return false;
        }

        return true;
    }

    private ulong Source(in Instruction instruction, int operand) => instruction.GetOpKind(operand) == OpKind.Register
        ? _registers.Read(instruction.GetOpRegister(operand))
        : instruction.GetImmediate(operand);

    private bool ReadForAddress(Register register, int element, int elementSize, out ulong value)
    {
        value = register.IsSegmentRegister() ? _registers.SegmentBase(register) : register.IsGPR() ? _registers.Read(register) : 0;
        return register.IsSegmentRegister() || register.IsGPR();
    }

    private bool TryLoad(ulong address, int width, out ulong value)
    {
        if (_fault == MemoryFault.None) _fault = _memory.Load(address, width, out value);
        else value = 0;
        return _fault == MemoryFault.None;
    }

    private void Store(ulong address, int width, ulong value)
    {
        if (_fault == MemoryFault.None) _fault = _memory.Store(address, width, value);
    }

    private static ulong SignExtend(ulong value, int width)
    {
        int unused = 64 - (8 * width);
        return (ulong)((long)(value << unused) >> unused);
    }

    private static ulong Reverse(ulong value, int width) => BinaryPrimitives.ReverseEndianness(value) >> (64 - (8 * width));

    // The bytes at rip, without an array for each trap.
    private sealed class CodeBytes : CodeReader
    {
        private readonly byte[] _bytes = new byte[16];
        private int _length;
        private int _next;

        public void Set(ReadOnlySpan<byte> code)
        {
            code.CopyTo(_bytes);
            _length = code.Length;
            _next = 0;
        }

        public override int ReadByte() => _next < _length ? _bytes[_next++] : -1;
    }
}
