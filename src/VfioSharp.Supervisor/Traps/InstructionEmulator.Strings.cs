// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using Iced.Intel;
using VfioSharp.Kernel;

namespace VfioSharp.Supervisor.Traps;

/// <summary>String instructions: element by element, and with REP as long as the device memory is met.</summary>
internal sealed partial class InstructionEmulator
{
    private const ulong Direction = 1 << 10;

    // Elements of one trap: a longer copy traps again, so that signals and other threads' traps are not held up.
    private const int MostElements = 4096;

    // The instruction is not over: it is met again, with the registers of its next element.
    private bool _repeats;

    private bool ExecuteString(in Instruction instruction)
    {
        bool isMove, isStore = false;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd or Mnemonic.Movsq:
                isMove = true;
                break;
            case Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd or Mnemonic.Stosq:
                isMove = false;
                isStore = true;
                break;
            case Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd or Mnemonic.Lodsq:
                isMove = false;
                break;
            default:
                return false;
        }

        int width = instruction.MemorySize.GetSize();
        bool counts = instruction.HasRepPrefix || instruction.HasRepnePrefix;
        ulong step = (_registers.General.Flags & Direction) != 0 ? unchecked((ulong)-width) : (ulong)width;
        ulong source = _registers.SegmentBase(instruction.SegmentPrefix);
        for (int done = 0; ; done++)
        {
            if (counts && _registers.General.Rcx == 0) return true;

            // The processor goes on by itself where no device is met, and after a while.
            if (done == MostElements || (done != 0 && !MeetsDevice(isMove, isStore, source)))
            {
                _repeats = true;
                return true;
            }

            if (!MoveElement(isMove, isStore, width, source)) return true;
            if (isMove || !isStore) _registers.General.Rsi += step;
            if (isMove || isStore) _registers.General.Rdi += step;
            if (!counts) return true;
            _registers.General.Rcx--;
        }
    }

    private bool MeetsDevice(bool isMove, bool isStore, ulong source) =>
        (!isStore && _memory.Contains(source + _registers.General.Rsi)) || ((isMove || isStore) && _memory.Contains(_registers.General.Rdi));

    private bool MoveElement(bool isMove, bool isStore, int width, ulong source)
    {
        Register accumulator = width switch { 1 => Register.AL, 2 => Register.AX, 4 => Register.EAX, _ => Register.RAX };
        if (isStore)
        {
            StoreAnywhere(_registers.General.Rdi, width, _registers.Read(accumulator));
            return _fault == MemoryFault.None;
        }

        if (!TryLoadAnywhere(source + _registers.General.Rsi, width, out ulong value)) return false;
        if (isMove) StoreAnywhere(_registers.General.Rdi, width, value);
        else _registers.Write(accumulator, value);
        return _fault == MemoryFault.None;
    }

    private bool TryLoadAnywhere(ulong address, int width, out ulong value)
    {
        if (_memory.Contains(address)) return TryLoad(address, width, out value);
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        if (!_memory.TryRead(address, bytes[..width])) _fault = MemoryFault.Segmentation;
        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return _fault == MemoryFault.None;
    }

    private void StoreAnywhere(ulong address, int width, ulong value)
    {
        if (_memory.Contains(address))
        {
            Store(address, width, value);
            return;
        }

        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        if (!_memory.TryWrite(address, bytes[..width])) _fault = MemoryFault.Segmentation;
    }
}
