// SPDX-License-Identifier: MIT
using VfioSharp.Host.VfioPci;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>Configuration space bit by bit: what is virtual is shown, what is not is the hardware's; what is not writable stays.</summary>
/// <param name="initial">The bytes at first, shown and in the hardware.</param>
/// <param name="tableAt">The permissions that a byte belongs to and where they begin; no permissions for a byte of no capability.</param>
internal sealed class ConfigBitModel(byte[] initial, Func<int, (ConfigPermissions? Table, int Start)> tableAt)
{
    private readonly byte[] _shown = [.. initial];

    public byte[] Hardware { get; } = [.. initial];

    public byte[] Read(int offset, int length)
    {
        var bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            (byte isVirtual, _) = BitsAt(offset + i);
            bytes[i] = (byte)((_shown[offset + i] & isVirtual) | (Hardware[offset + i] & ~isVirtual));
        }

        return bytes;
    }

    public void Write(int offset, byte[] data)
    {
        for (int i = 0; i < data.Length; i++)
        {
            (byte isVirtual, byte writable) = BitsAt(offset + i);
            byte shown = (byte)(writable & isVirtual), hardware = (byte)(writable & ~isVirtual);
            _shown[offset + i] = (byte)((_shown[offset + i] & ~shown) | (data[i] & shown));
            Hardware[offset + i] = (byte)((Hardware[offset + i] & ~hardware) | (data[i] & hardware));
        }
    }

    private (byte Virtual, byte Writable) BitsAt(int offset)
    {
        (ConfigPermissions? table, int start) = tableAt(offset);
        return table is null ? ((byte)0, (byte)0xff) : ((byte)table.VirtualBits(offset - start, 1), (byte)table.WritableBits(offset - start, 1));
    }
}
