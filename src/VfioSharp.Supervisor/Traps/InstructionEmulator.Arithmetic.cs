// SPDX-License-Identifier: MIT
using System.Numerics;
using Iced.Intel;
using VfioSharp.Kernel;

namespace VfioSharp.Supervisor.Traps;

/// <summary>Arithmetic on device memory: a load, the operation with its flags, and a store where the result goes back.</summary>
internal sealed partial class InstructionEmulator
{
    private const ulong Carry = 1 << 0;
    private const ulong Parity = 1 << 2;
    private const ulong Adjust = 1 << 4;
    private const ulong Zero = 1 << 6;
    private const ulong Sign = 1 << 7;
    private const ulong Overflow = 1 << 11;

    private bool ExecuteArithmetic(in Instruction instruction, int operand, ulong address, int width)
    {
        Mnemonic operation = instruction.Mnemonic;
        if (operation is not (Mnemonic.Add or Mnemonic.Adc or Mnemonic.Sub or Mnemonic.Sbb or Mnemonic.Cmp or Mnemonic.And or Mnemonic.Or
            or Mnemonic.Xor or Mnemonic.Test or Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Not or Mnemonic.Neg or Mnemonic.Xadd or Mnemonic.Cmpxchg))
        {
            return false;
        }

        if (!TryLoad(address, width, out ulong loaded)) return true;
        bool isUnary = instruction.OpCount == 1;
        ulong other = isUnary ? 0 : Source(in instruction, 1 - operand);
        ulong left = operand == 0 ? loaded : other, right = operand == 0 ? other : loaded;
        ulong flags = _registers.General.Flags;
        ulong result = Compute(operation, left, right, width, ref flags);
        if (operation == Mnemonic.Cmpxchg) return ExchangeIfEqual(in instruction, address, width, loaded, other);
        if (operation is not (Mnemonic.Cmp or Mnemonic.Test))
        {
            if (operand == 0) Store(address, width, result);
            else _registers.Write(instruction.Op0Register, result);
            if (operation == Mnemonic.Xadd && _fault == MemoryFault.None) _registers.Write(instruction.Op1Register, loaded);
        }

        if (_fault == MemoryFault.None) _registers.General.Flags = flags;
        return true;
    }

    private bool ExchangeIfEqual(in Instruction instruction, ulong address, int width, ulong loaded, ulong replacement)
    {
        Register accumulator = width switch { 1 => Register.AL, 2 => Register.AX, 4 => Register.EAX, _ => Register.RAX };
        ulong flags = _registers.General.Flags;
        ulong expected = _registers.Read(accumulator);
        _ = Compute(Mnemonic.Cmp, expected, loaded, width, ref flags);
        if (expected == loaded) Store(address, width, replacement);
        else _registers.Write(accumulator, loaded);
        if (_fault == MemoryFault.None) _registers.General.Flags = flags;
        return true;
    }

    // Intel SDM volume 1, appendix A: which flags an operation sets.
    private static ulong Compute(Mnemonic operation, ulong left, ulong right, int width, ref ulong flags)
    {
        ulong mask = width == 8 ? ulong.MaxValue : (1UL << (8 * width)) - 1;
        ulong top = 1UL << ((8 * width) - 1);
        left &= mask;
        right &= mask;
        ulong carryIn = flags & Carry;
        switch (operation)
        {
            case Mnemonic.Not:
                return ~left & mask;
            case Mnemonic.And or Mnemonic.Test:
                return Logic(left & right, top, ref flags);
            case Mnemonic.Or:
                return Logic(left | right, top, ref flags);
            case Mnemonic.Xor:
                return Logic(left ^ right, top, ref flags);
            case Mnemonic.Add or Mnemonic.Xadd:
                return Sum(left, right, 0, mask, top, ref flags);
            case Mnemonic.Adc:
                return Sum(left, right, carryIn, mask, top, ref flags);
            case Mnemonic.Inc:
                ulong incremented = Sum(left, 1, 0, mask, top, ref flags);
                flags = (flags & ~Carry) | carryIn;
                return incremented;
            case Mnemonic.Dec:
                ulong decremented = Difference(left, 1, 0, mask, top, ref flags);
                flags = (flags & ~Carry) | carryIn;
                return decremented;
            case Mnemonic.Neg:
                return Difference(0, left, 0, mask, top, ref flags);
            case Mnemonic.Sbb:
                return Difference(left, right, carryIn, mask, top, ref flags);
            default:
                return Difference(left, right, 0, mask, top, ref flags);
        }
    }

    private static ulong Logic(ulong result, ulong top, ref ulong flags)
    {
        SetResult(result, top, ref flags);
        flags &= ~(Carry | Overflow | Adjust);
        return result;
    }

    private static ulong Sum(ulong left, ulong right, ulong carry, ulong mask, ulong top, ref ulong flags)
    {
        ulong result = unchecked(left + right + carry) & mask;
        SetResult(result, top, ref flags);
        Set(ref flags, Carry, result < left || (carry != 0 && result == left));
        Set(ref flags, Overflow, ((left ^ result) & (right ^ result) & top) != 0);
        Set(ref flags, Adjust, ((left ^ right ^ result) & 0x10) != 0);
        return result;
    }

    private static ulong Difference(ulong left, ulong right, ulong borrow, ulong mask, ulong top, ref ulong flags)
    {
        ulong result = unchecked(left - right - borrow) & mask;
        SetResult(result, top, ref flags);
        Set(ref flags, Carry, left < right || (borrow != 0 && left == right));
        Set(ref flags, Overflow, ((left ^ right) & (left ^ result) & top) != 0);
        Set(ref flags, Adjust, ((left ^ right ^ result) & 0x10) != 0);
        return result;
    }

    private static void SetResult(ulong result, ulong top, ref ulong flags)
    {
        Set(ref flags, Zero, result == 0);
        Set(ref flags, Sign, (result & top) != 0);
        Set(ref flags, Parity, (BitOperations.PopCount((byte)result) & 1) == 0);
    }

    private static void Set(ref ulong flags, ulong flag, bool value) => flags = value ? flags | flag : flags & ~flag;
}
