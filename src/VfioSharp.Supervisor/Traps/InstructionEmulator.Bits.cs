// SPDX-License-Identifier: MIT
using System.Numerics;
using Iced.Intel;
using VfioSharp.Kernel;

namespace VfioSharp.Supervisor.Traps;

/// <summary>Single bits, shifts, products, and what depends on the flags.</summary>
internal sealed partial class InstructionEmulator
{
    private bool ExecuteBits(in Instruction instruction, int operand, ulong address, int width)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc:
                ExecuteBit(in instruction, address, width);
                return true;
            case Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar:
                ExecuteShift(in instruction, address, width);
                return true;
            case Mnemonic.Imul when instruction.OpCount >= 2:
                ExecuteProduct(in instruction, address, width);
                return true;
            case Mnemonic.Push:
                if (!TryLoad(address, width, out ulong pushed)) return true;
                StoreAnywhere(_registers.General.Rsp - (ulong)width, width, pushed);
                if (_fault == MemoryFault.None) _registers.General.Rsp -= (ulong)width;
                return true;
            case Mnemonic.Pop:
                if (!TryLoadAnywhere(_registers.General.Rsp, width, out ulong popped)) return true;
                Store(address, width, popped);
                if (_fault == MemoryFault.None) _registers.General.Rsp += (ulong)width;
                return true;
        }

        if (instruction.ConditionCode == ConditionCode.None) return false;
        if (operand == 0 && instruction.OpCount == 1)
        {
            Store(address, width, Holds(instruction.ConditionCode) ? 1UL : 0);
            return true;
        }

        // CMOVcc: the load happens either way, and 32 bits clear the upper half either way.
        if (instruction.OpCount != 2 || operand != 1) return false;
        if (!TryLoad(address, width, out ulong moved)) return true;
        _registers.Write(instruction.Op0Register, Holds(instruction.ConditionCode) ? moved : _registers.Read(instruction.Op0Register));
        return true;
    }

    // With a register, the bit may lie outside of the operand: it is counted from there, in units of the operand.
    private void ExecuteBit(in Instruction instruction, ulong address, int width)
    {
        int bits = 8 * width;
        long bit = (long)SignExtend(Source(in instruction, 1), width);
        if (instruction.GetOpKind(1) == OpKind.Register) address += (ulong)((bit >> BitOperations.Log2((uint)bits)) * width);
        ulong mask = 1UL << (int)(bit & (bits - 1));
        if (!TryLoad(address, width, out ulong value)) return;
        if (instruction.Mnemonic != Mnemonic.Bt)
        {
            Store(address, width, instruction.Mnemonic switch { Mnemonic.Bts => value | mask, Mnemonic.Btr => value & ~mask, _ => value ^ mask });
        }

        if (_fault == MemoryFault.None) Set(ref _registers.General.Flags, Carry, (value & mask) != 0);
    }

    private void ExecuteShift(in Instruction instruction, ulong address, int width)
    {
        int bits = 8 * width;
        int count = (int)(Source(in instruction, 1) & (width == 8 ? 63UL : 31));
        if (!TryLoad(address, width, out ulong value)) return;
        ulong top = 1UL << (bits - 1), mask = top | (top - 1), flags = _registers.General.Flags, result = value;
        bool carry = false;
        for (int i = 0; i < count; i++)
        {
            bool isLeft = instruction.Mnemonic is Mnemonic.Shl or Mnemonic.Sal;
            carry = (result & (isLeft ? top : 1)) != 0;
            ulong filled = instruction.Mnemonic == Mnemonic.Sar ? result & top : 0;
            result = isLeft ? (result << 1) & mask : (result >> 1) | filled;
        }

        Store(address, width, result);
        if (_fault != MemoryFault.None || count == 0) return;
        SetResult(result, top, ref flags);
        Set(ref flags, Carry, carry);
        if (count == 1) Set(ref flags, Overflow, ((value ^ result) & top) != 0);
        _registers.General.Flags = flags;
    }

    private void ExecuteProduct(in Instruction instruction, ulong address, int width)
    {
        if (!TryLoad(address, width, out ulong loaded)) return;
        ulong other = instruction.OpCount == 3 ? instruction.GetImmediate(2) : _registers.Read(instruction.Op0Register);
        Int128 product = (Int128)(long)SignExtend(loaded, width) * (long)SignExtend(other, width);
        ulong result = (ulong)product & (width == 8 ? ulong.MaxValue : (1UL << (8 * width)) - 1);
        bool isCut = product != (long)SignExtend(result, width);
        _registers.Write(instruction.Op0Register, result);
        Set(ref _registers.General.Flags, Carry, isCut);
        Set(ref _registers.General.Flags, Overflow, isCut);
    }

    // Intel SDM volume 1, appendix B.
    private bool Holds(ConditionCode condition)
    {
        ulong flags = _registers.General.Flags;
        bool Is(ulong flag) => (flags & flag) != 0;
        return condition switch
        {
            ConditionCode.o => Is(Overflow),
            ConditionCode.no => !Is(Overflow),
            ConditionCode.b => Is(Carry),
            ConditionCode.ae => !Is(Carry),
            ConditionCode.e => Is(Zero),
            ConditionCode.ne => !Is(Zero),
            ConditionCode.be => Is(Carry | Zero),
            ConditionCode.a => !Is(Carry | Zero),
            ConditionCode.s => Is(Sign),
            ConditionCode.ns => !Is(Sign),
            ConditionCode.p => Is(Parity),
            ConditionCode.np => !Is(Parity),
            ConditionCode.l => Is(Sign) != Is(Overflow),
            ConditionCode.ge => Is(Sign) == Is(Overflow),
            ConditionCode.le => Is(Zero) || Is(Sign) != Is(Overflow),
            _ => !Is(Zero) && Is(Sign) == Is(Overflow),
        };
    }
}
