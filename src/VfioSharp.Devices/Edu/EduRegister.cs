// SPDX-License-Identifier: MIT
namespace VfioSharp.Devices.Edu;

// Offsets in BAR 0 and bits (QEMU, docs/specs/edu.rst).
internal static class EduRegister
{
    public const ulong Identification = 0x00;
    public const ulong Liveness = 0x04;
    public const ulong Factorial = 0x08;
    public const ulong Status = 0x20;
    public const ulong InterruptStatus = 0x24;
    public const ulong InterruptRaise = 0x60;
    public const ulong InterruptAcknowledge = 0x64;
    public const ulong DmaSource = 0x80;
    public const ulong DmaDestination = 0x88;
    public const ulong DmaCount = 0x90;
    public const ulong DmaCommand = 0x98;

    public const uint IdentificationValue = 0x0100_00ed;
    public const uint StatusComputing = 0x01;
    public const uint StatusRaiseWhenDone = 0x80;
    public const uint FactorialInterrupt = 0x001;
    public const uint DmaInterrupt = 0x100;
    public const ulong DmaRun = 1;
    public const ulong DmaToHost = 2;
    public const ulong DmaRaiseWhenDone = 4;

    public const ulong BufferAddress = 0x40000;
    public const int BufferSize = 4096;
}
