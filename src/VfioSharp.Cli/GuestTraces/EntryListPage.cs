// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;

namespace VfioSharp.Cli.GuestTraces;

/// <summary>The page of the guest's memory where a list of entries is, big-endian.</summary>
internal sealed class EntryListPage : IMmioHandler
{
    /// <summary>Its bytes.</summary>
    public const ulong Size = 512 * sizeof(ulong);

    private readonly ulong[] _entries = new ulong[512];

    /// <summary>An entry.</summary>
    public ulong this[ulong index]
    {
        set => _entries[index] = value;
    }

    /// <inheritdoc/>
    public ulong Read(ulong offset, int width) => width == sizeof(ulong) ? BinaryPrimitives.ReverseEndianness(_entries[offset / sizeof(ulong)]) : 0;

    /// <inheritdoc/>
    public void Write(ulong offset, int width, ulong value)
    {
    }
}

/// <summary>An interrupt controller that nothing is attached to.</summary>
internal sealed class NoInterrupts : IInterruptController
{
    /// <inheritdoc/>
    public bool ReportsEndOfInterrupt => true;

    /// <inheritdoc/>
    public void SetLevel(int interrupt, bool asserted)
    {
    }

    /// <inheritdoc/>
    public void Deliver(MsiMessage message)
    {
    }
}
