// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using Iced.Intel;
using VfioSharp.Kernel;

namespace VfioSharp.Supervisor.Traps;

/// <summary>Moves between vector registers and device memory, as memory copies use them.</summary>
internal sealed partial class InstructionEmulator
{
    private bool ExecuteVector(in Instruction instruction, int operand, ulong address, int width)
    {
        if (width is not (4 or 8 or 16 or 32)) return false;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Movups or Mnemonic.Movaps or Mnemonic.Movupd or Mnemonic.Movapd or Mnemonic.Movdqu or Mnemonic.Movdqa
                or Mnemonic.Movntdq or Mnemonic.Movntps or Mnemonic.Movntpd or Mnemonic.Lddqu or Mnemonic.Movntdqa
                or Mnemonic.Vmovups or Mnemonic.Vmovaps or Mnemonic.Vmovupd or Mnemonic.Vmovapd or Mnemonic.Vmovdqu or Mnemonic.Vmovdqa
                or Mnemonic.Vmovntdq or Mnemonic.Vmovntps or Mnemonic.Vmovntpd or Mnemonic.Vlddqu or Mnemonic.Vmovntdqa:
            case Mnemonic.Movd or Mnemonic.Movq or Mnemonic.Movss or Mnemonic.Movsd
                or Mnemonic.Vmovd or Mnemonic.Vmovq or Mnemonic.Vmovss or Mnemonic.Vmovsd:
                break;
            case Mnemonic.Movlps or Mnemonic.Movlpd or Mnemonic.Movhps or Mnemonic.Movhpd when instruction.Encoding == EncodingKind.Legacy:
                return ExecuteHalf(in instruction, operand, address);
            default:
                return false;
        }

        Register register = operand == 0 ? instruction.Op1Register : instruction.Op0Register;
        bool isExtended = instruction.Encoding != EncodingKind.Legacy;
        if (instruction.OpCount != 2 || instruction.Encoding == EncodingKind.EVEX || !(register.IsXMM() || register.IsYMM())) return false;
        Span<byte> bytes = stackalloc byte[32];
        Span<byte> part = bytes[..width];
        if (operand == 0) return _registers.TryReadVector(register, part) && StoreAll(address, part);
        LoadAll(address, part);
        if (_fault != MemoryFault.None) return true;

        // A load of less than the register zeroes its rest.
        return _registers.TryWriteVector(register, width < 16 ? bytes[..16] : part, clearUpper: isExtended);
    }

    // One half of the register; the other stays.
    private bool ExecuteHalf(in Instruction instruction, int operand, ulong address)
    {
        Span<byte> whole = stackalloc byte[16];
        Span<byte> half = instruction.Mnemonic is Mnemonic.Movhps or Mnemonic.Movhpd ? whole[8..] : whole[..8];
        Register register = operand == 0 ? instruction.Op1Register : instruction.Op0Register;
        if (!_registers.TryReadVector(register, whole)) return false;
        if (operand == 0) return StoreAll(address, half);
        LoadAll(address, half);
        return _fault != MemoryFault.None || _registers.TryWriteVector(register, whole, clearUpper: false);
    }

    private bool StoreAll(ulong address, ReadOnlySpan<byte> bytes)
    {
        int step = Math.Min(8, bytes.Length);
        for (int at = 0; at < bytes.Length; at += step)
        {
            Store(address + (ulong)at, step, step == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]));
        }

        return true;
    }

    private void LoadAll(ulong address, Span<byte> bytes)
    {
        int step = Math.Min(8, bytes.Length);
        for (int at = 0; at < bytes.Length; at += step)
        {
            if (!TryLoad(address + (ulong)at, step, out ulong value)) return;
            if (step == 8) BinaryPrimitives.WriteUInt64LittleEndian(bytes[at..], value);
            else BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], (uint)value);
        }
    }
}
