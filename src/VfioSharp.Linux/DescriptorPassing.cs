// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Linux;

/// <summary>Open files handed to another process through a Unix socket (SCM_RIGHTS).</summary>
public static unsafe class DescriptorPassing
{
    // How many are taken from one message; the kernel drops the rest.
    private const int MostPerMessage = 8;
    private const int LevelSocket = 1;
    private const int Rights = 1;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x40000000;

    /// <summary>Sends bytes, and with them copies of descriptors; the value is how many bytes went.</summary>
    public static SyscallResult Send(SafeHandle socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MostPerMessage, nameof(descriptors));
        int size = sizeof(ControlHeader) + (descriptors.Length * sizeof(int));
        byte* control = stackalloc byte[sizeof(ControlHeader) + (MostPerMessage * sizeof(int))];
        // SAFETY: the control buffer has room for the most descriptors, the bytes are pinned for the call, and the lengths told are those.
        fixed (byte* start = bytes)
        {
            *(ControlHeader*)control = new ControlHeader { Length = (ulong)size, Level = LevelSocket, Kind = Rights };
            descriptors.CopyTo(new Span<int>(control + sizeof(ControlHeader), MostPerMessage));
            MessagePart part = new() { Start = start, Length = (nuint)bytes.Length };
            MessageHeader message = new() { Parts = &part, PartCount = 1 };
            if (!descriptors.IsEmpty)
            {
                message.Control = control;
                message.ControlLength = (nuint)((size + 7) & ~7);
            }

            SyscallResult sent = SyscallResult.FromLibc(Interop.SendMessage((int)socket.DangerousGetHandle(), &message, NoSignal));
            GC.KeepAlive(socket);
            return sent;
        }
    }

    /// <summary>Receives bytes, and adds the descriptors that came with them; the value is how many bytes, 0 at the end.</summary>
    public static SyscallResult Receive(SafeHandle socket, Span<byte> bytes, ICollection<SafeDescriptor> descriptors)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(descriptors);
        const int controlSize = 16 + (MostPerMessage * sizeof(int));
        byte* control = stackalloc byte[controlSize];
        // SAFETY: the buffers are pinned or of this frame, and the lengths told are theirs; what the kernel says it filled is within.
        fixed (byte* start = bytes)
        {
            MessagePart part = new() { Start = start, Length = (nuint)bytes.Length };
            MessageHeader message = new() { Parts = &part, PartCount = 1, Control = control, ControlLength = controlSize };
            SyscallResult received = SyscallResult.FromLibc(Interop.ReceiveMessage((int)socket.DangerousGetHandle(), &message, CloseOnExec));
            GC.KeepAlive(socket);
            if (received.IsError || message.ControlLength < (nuint)sizeof(ControlHeader)) return received;
            ControlHeader header = *(ControlHeader*)control;
            if (header.Level != LevelSocket || header.Kind != Rights) return received;
            int count = (int)(Math.Min(header.Length, message.ControlLength) - (ulong)sizeof(ControlHeader)) / sizeof(int);
            foreach (int number in new ReadOnlySpan<int>(control + sizeof(ControlHeader), count)) descriptors.Add(new SafeDescriptor(number));
            return received;
        }
    }
}
