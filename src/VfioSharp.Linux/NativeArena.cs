// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using System.Text;

namespace VfioSharp.Linux;

/// <summary>Zeroed unmanaged blocks for one call, freed together.</summary>
internal sealed unsafe class NativeArena : IDisposable
{
    private readonly List<nint> _blocks = [];

    public byte* Bytes(int count)
    {
        byte* block = (byte*)NativeMemory.AllocZeroed((nuint)Math.Max(count, 1));
        _blocks.Add((nint)block);
        return block;
    }

    /// <summary>A NULL-terminated list of NUL-terminated strings, as argv is.</summary>
    public byte** StringList(IReadOnlyList<string> strings)
    {
        byte** list = (byte**)Bytes((strings.Count + 1) * sizeof(byte*));
        for (int i = 0; i < strings.Count; i++) list[i] = Text(strings[i]);
        return list;
    }

    public T* Copy<T>(T[]? items)
        where T : unmanaged
    {
        if (items is null) return null;
        T* block = (T*)Bytes(items.Length * sizeof(T));
        // SAFETY: the block was just made of that many items.
        items.CopyTo(new Span<T>(block, items.Length));
        return block;
    }

    public void Dispose()
    {
        foreach (nint block in _blocks) NativeMemory.Free((void*)block);
        _blocks.Clear();
    }

    private byte* Text(string text)
    {
        int count = Encoding.UTF8.GetByteCount(text);
        byte* block = Bytes(count + 1);
        // SAFETY: the block was just made of count bytes and a NUL.
        Encoding.UTF8.GetBytes(text, new Span<byte>(block, count));
        return block;
    }
}
