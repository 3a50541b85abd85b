// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Iommu.Type1;

/// <summary>Bitmaps of dirty pages as the kernel keeps them: 64-bit words, bit 0 the first page (lib/bitmap.c).</summary>
internal static class DirtyBits
{
    /// <summary>DIRTY_BITMAP_SIZE_MAX: 2^31 - 1 pages, in bytes.</summary>
    public const ulong LargestBytes = ((int.MaxValue + 63UL) & ~63UL) / 8;

    /// <summary>DIRTY_BITMAP_BYTES: bytes that a number of pages takes, in whole words. Wraps as the kernel's macro does.</summary>
    public static ulong BytesFor(ulong pages) => (unchecked(pages + 63) & ~63UL) / 8;

    /// <summary>A clear bitmap with one word to spare, into which a shift may push bits (vfio_dma_bitmap_alloc).</summary>
    public static ulong[] Allocate(ulong pages) => new ulong[(BytesFor(pages) / 8) + 1];

    /// <summary>bitmap_set from bit 0.</summary>
    public static void SetFirst(ulong[] words, ulong count)
    {
        int whole = (int)(count / 64);
        words.AsSpan(0, whole).Fill(ulong.MaxValue);
        if (count % 64 != 0) words[whole] |= (1UL << (int)(count % 64)) - 1;
    }

    /// <summary>bitmap_clear from bit 0: bits beyond stay.</summary>
    public static void ClearFirst(ulong[] words, ulong count)
    {
        int whole = (int)(count / 64);
        words.AsSpan(0, whole).Clear();
        if (count % 64 != 0) words[whole] &= ~((1UL << (int)(count % 64)) - 1);
    }

    /// <summary>bitmap_shift_left in place by less than a word, over the words that <paramref name="bits"/> bits touch.</summary>
    public static void ShiftLeft(ulong[] words, int shift, ulong bits)
    {
        for (int i = (int)((bits + 63) / 64) - 1; i >= 0; i--)
        {
            ulong lower = i > 0 ? words[i - 1] >> (64 - shift) : 0;
            words[i] = (words[i] << shift) | lower;
        }
    }
}
