// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using Iced.Intel;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Traps;

/// <summary>
/// The registers of a stopped thread, by the decoder's names. The vector registers are read when an instruction first
/// asks for one, and written back when one was changed.
/// </summary>
internal sealed class RegisterFile(int thread)
{
    // The XSAVE area, standard format: legacy region, header, then the upper halves of ymm registers (Intel SDM 13.4).
    private const int LongestState = 1 << 14;
    private const int XmmOffset = 160;
    private const int ActiveOffset = 512;
    private const int UpperYmmOffset = 576;
    private const ulong SseAndAvx = 2 | 4;

    private readonly byte[] _state = new byte[LongestState];
    private int _stateLength;
    private bool _stateChanged;
    private GeneralRegisters _general;

    /// <summary>The general registers.</summary>
    public ref GeneralRegisters General => ref _general;

    /// <summary>Reads the general registers, and forgets all others.</summary>
    public bool Begin(int stopped)
    {
        Thread = stopped;
        _stateLength = 0;
        _stateChanged = false;
        return !Tracee.Read(stopped, out _general).IsError;
    }

    /// <summary>The thread whose registers these are.</summary>
    public int Thread { get; private set; } = thread;

    /// <summary>Writes what was changed.</summary>
    public bool Commit()
    {
        if (_stateChanged && Tracee.WriteExtended(Thread, _state.AsSpan(0, _stateLength)).IsError) return false;
        return !Tracee.Write(Thread, in _general).IsError;
    }

    /// <summary>A general register's value, without what is above its size.</summary>
    public ulong Read(Register register)
    {
        if (register is Register.AH or Register.BH or Register.CH or Register.DH) return Whole(register.GetFullRegister()) >> 8 & 0xff;
        ulong value = Whole(register.GetFullRegister());
        int size = register.GetSize();
        return size == 8 ? value : value & ((1UL << (size * 8)) - 1);
    }

    /// <summary>Sets a general register; 32 bits clear the upper half, 8 and 16 keep the rest.</summary>
    public void Write(Register register, ulong value)
    {
        ref ulong whole = ref Whole(register.GetFullRegister());
        switch (register.GetSize())
        {
            case 1 when register is Register.AH or Register.BH or Register.CH or Register.DH:
                whole = (whole & ~0xff00UL) | ((value & 0xff) << 8);
                break;
            case 1:
                whole = (whole & ~0xffUL) | (value & 0xff);
                break;
            case 2:
                whole = (whole & ~0xffffUL) | (value & 0xffff);
                break;
            case 4:
                whole = (uint)value;
                break;
            default:
                whole = value;
                break;
        }
    }

    /// <summary>The base of a segment register: only fs and gs have one.</summary>
    public ulong SegmentBase(Register segment) => segment switch
    {
        Register.FS => _general.FsBase,
        Register.GS => _general.GsBase,
        _ => 0,
    };

    /// <summary>Copies a vector register out: 16 or 32 bytes. False where the thread's state cannot be read.</summary>
    public bool TryReadVector(Register register, Span<byte> destination)
    {
        if (!TryLoadState()) return false;
        int number = register.IsYMM() ? register - Register.YMM0 : register - Register.XMM0;
        _state.AsSpan(XmmOffset + (16 * number), Math.Min(16, destination.Length)).CopyTo(destination);
        if (destination.Length == 32) _state.AsSpan(UpperYmmOffset + (16 * number), 16).CopyTo(destination[16..]);
        return true;
    }

    /// <summary>Sets a vector register; <paramref name="clearUpper"/> zeroes what is above (VEX instructions).</summary>
    public bool TryWriteVector(Register register, ReadOnlySpan<byte> source, bool clearUpper)
    {
        if (!TryLoadState()) return false;
        int number = register.IsYMM() ? register - Register.YMM0 : register - Register.XMM0;
        Span<byte> low = _state.AsSpan(XmmOffset + (16 * number), 16);
        source[..Math.Min(16, source.Length)].CopyTo(low);
        bool hasUpper = _stateLength >= UpperYmmOffset + 256;
        if (hasUpper && source.Length == 32) source[16..].CopyTo(_state.AsSpan(UpperYmmOffset + (16 * number), 16));
        else if (hasUpper && clearUpper) _state.AsSpan(UpperYmmOffset + (16 * number), 16).Clear();
        Span<byte> active = _state.AsSpan(ActiveOffset, 8);
        BinaryPrimitives.WriteUInt64LittleEndian(active, BinaryPrimitives.ReadUInt64LittleEndian(active) | (hasUpper ? SseAndAvx : 2));
        _stateChanged = true;
        return true;
    }

    private bool TryLoadState()
    {
        if (_stateLength != 0) return true;
        SyscallResult read = Tracee.ReadExtended(Thread, _state);
        if (read.IsError || read.Value < UpperYmmOffset) return false;
        _stateLength = (int)read.Value;

        // A component that is not active holds no registers: its bytes are stale, its registers zero.
        ulong active = BinaryPrimitives.ReadUInt64LittleEndian(_state.AsSpan(ActiveOffset));
        if ((active & 2) == 0) _state.AsSpan(XmmOffset, 256).Clear();
        if ((active & 4) == 0 && _stateLength >= UpperYmmOffset + 256) _state.AsSpan(UpperYmmOffset, 256).Clear();
        return true;
    }

    private ref ulong Whole(Register register)
    {
        switch (register)
        {
            case Register.RAX: return ref _general.Rax;
            case Register.RBX: return ref _general.Rbx;
            case Register.RCX: return ref _general.Rcx;
            case Register.RDX: return ref _general.Rdx;
            case Register.RSI: return ref _general.Rsi;
            case Register.RDI: return ref _general.Rdi;
            case Register.RBP: return ref _general.Rbp;
            case Register.RSP: return ref _general.Rsp;
            case Register.R8: return ref _general.R8;
            case Register.R9: return ref _general.R9;
            case Register.R10: return ref _general.R10;
            case Register.R11: return ref _general.R11;
            case Register.R12: return ref _general.R12;
            case Register.R13: return ref _general.R13;
            case Register.R14: return ref _general.R14;
            case Register.R15: return ref _general.R15;
            case Register.RIP: return ref _general.Rip;
            default: throw new ArgumentOutOfRangeException(nameof(register), register, "no general register");
        }
    }
}
