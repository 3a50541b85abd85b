// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VfioSharp.Linux;

namespace VfioSharp.Cli.HostControl;

/// <summary>
/// One end of a socket between a host and who talks to it. A frame is its length, four bytes with the lowest first, then
/// JSON; descriptors come with the length. Reading and writing may happen at once, by one thread each.
/// </summary>
internal sealed class Connection(Socket socket) : IDisposable
{
    // A program's command line and environment fit; what is longer is not one of ours.
    private const int LongestFrame = 8 << 20;

    // More than any message of ours has: who goes on sending them wants to use up the table.
    private const int MostDescriptors = 8;

    // Level SOL_SOCKET, option SO_PEERCRED: struct ucred, whose second number is the user.
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    private volatile bool _hasAsked;

    /// <summary>Who is at the other end.</summary>
    public uint PeerUser
    {
        get
        {
            Span<byte> credentials = stackalloc byte[12];
            socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
            return BitConverter.ToUInt32(credentials[4..]);
        }
    }

    /// <summary>Whether its request has arrived.</summary>
    public bool HasAsked
    {
        get => _hasAsked;
        set => _hasAsked = value;
    }

    /// <summary>How long the other end may take; null: as long as it likes.</summary>
    public TimeSpan? Patience
    {
        set => socket.ReceiveTimeout = (int)(value?.TotalMilliseconds ?? 0);
    }

    /// <summary>Sends a frame. False: the other end is gone.</summary>
    public bool Send<T>(T message, JsonTypeInfo<T> type, ReadOnlySpan<int> descriptors = default)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(message, type);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, body.Length);
        if (DescriptorPassing.Send(socket.SafeHandle, length, descriptors).IsError) return false;
        for (int sent = 0; sent < body.Length;)
        {
            SyscallResult part = DescriptorPassing.Send(socket.SafeHandle, body.AsSpan(sent), []);
            if (part.IsError && part.Errno != Errno.EINTR) return false;
            sent += part.IsError ? 0 : (int)part.Value;
        }

        return true;
    }

    /// <summary>
    /// Receives a frame; descriptors are added to <paramref name="descriptors"/>. Null: the other end is gone, or took too long.
    /// </summary>
    /// <exception cref="JsonException">It is not such a message.</exception>
    public T? Receive<T>(JsonTypeInfo<T> type, ICollection<SafeDescriptor> descriptors)
        where T : class
    {
        byte[] length = new byte[4];
        if (!Fill(length, descriptors)) return null;
        int size = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (size is <= 0 or > LongestFrame) throw new JsonException($"a frame of {size} bytes is not one of 1 to {LongestFrame}");
        byte[] body = new byte[size];
        return Fill(body, descriptors)
            ? JsonSerializer.Deserialize(body, type) ?? throw new JsonException("the frame is null")
            : null;
    }

    /// <summary>Ends reading: who reads here sees the end.</summary>
    public void StopReading()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Receive);
        }
        catch (SocketException)
        {
            // The other end was faster.
        }
    }

    public void Dispose() => socket.Dispose();

    private bool Fill(Span<byte> bytes, ICollection<SafeDescriptor> descriptors)
    {
        while (!bytes.IsEmpty)
        {
            SyscallResult received = DescriptorPassing.Receive(socket.SafeHandle, bytes, descriptors);
            if (received.Errno == Errno.EINTR) continue;
            if (received.IsError || received.Value == 0 || descriptors.Count > MostDescriptors) return false;
            bytes = bytes[(int)received.Value..];
        }

        return true;
    }
}
