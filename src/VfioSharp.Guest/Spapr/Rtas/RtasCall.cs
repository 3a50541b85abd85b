// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Memory;

namespace VfioSharp.Guest.Spapr.Rtas;

/// <summary>
/// A call of RTAS in the guest's memory: words of 32 bits, big-endian: the token, the number of arguments, the number
/// of results, the arguments, the results. The first result is the status.
/// </summary>
public readonly ref struct RtasCall
{
    private const ulong Word = sizeof(uint);

    private readonly GuestAddressSpace _memory;
    private readonly GuestPhysicalAddress _arguments;

    internal RtasCall(GuestAddressSpace memory, GuestPhysicalAddress address)
    {
        _memory = memory;
        _arguments = address + (3 * Word);
        Token = (RtasToken)memory.LoadBigEndian32(address);
        ArgumentCount = memory.LoadBigEndian32(address + Word);
        ResultCount = memory.LoadBigEndian32(address + (2 * Word));
    }

    /// <summary>Which call.</summary>
    public RtasToken Token { get; }

    /// <summary>Number of arguments.</summary>
    public uint ArgumentCount { get; }

    /// <summary>Number of results, the status among them.</summary>
    public uint ResultCount { get; }

    /// <summary>The bridge's id, which nearly all calls have as their second and third argument.</summary>
    public ulong Buid => ((ulong)Argument(1) << 32) | Argument(2);

    /// <summary>Whether there are so many arguments and results.</summary>
    public bool HasShape(uint arguments, uint results) => ArgumentCount == arguments && ResultCount == results;

    /// <summary>An argument, from 0.</summary>
    public uint Argument(uint index) => _memory.LoadBigEndian32(_arguments + (index * Word));

    /// <summary>Sets a result, from 1; 0 is the status. One that the guest has no room for is dropped.</summary>
    public void SetResult(uint index, uint value)
    {
        if (index < ResultCount) _memory.StoreBigEndian32(_arguments + (((ulong)ArgumentCount + index) * Word), value);
    }
}
