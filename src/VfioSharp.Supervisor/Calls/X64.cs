// SPDX-License-Identifier: MIT
namespace VfioSharp.Supervisor.Calls;

/// <summary>System call numbers of x86-64 (arch/x86/entry/syscalls/syscall_64.tbl) that are intercepted.</summary>
internal static class X64
{
    /// <summary>AUDIT_ARCH_X86_64.</summary>
    public const uint Architecture = 0xC000003E;

    /// <summary>__X32_SYSCALL_BIT: numbers from here on are the x32 ABI's.</summary>
    public const uint X32Bit = 0x40000000;

    public const int Write = 1;
    public const int Open = 2;
    public const int Close = 3;
    public const int Stat = 4;
    public const int LStat = 6;
    public const int MMap = 9;
    public const int Ioctl = 16;
    public const int PRead = 17;
    public const int PWrite = 18;
    public const int Access = 21;
    public const int Dup2 = 33;
    public const int ExecVe = 59;
    public const int ReadLink = 89;
    public const int OpenAt = 257;
    public const int GetXAttr = 191;
    public const int LGetXAttr = 192;
    public const int ListXAttr = 194;
    public const int LListXAttr = 195;
    public const int NewFStatAt = 262;
    public const int ReadLinkAt = 267;
    public const int FAccessAt = 269;
    public const int Dup3 = 292;
    public const int ExecVeAt = 322;
    public const int Statx = 332;
    public const int CloseRange = 436;
    public const int FAccessAt2 = 439;
}
