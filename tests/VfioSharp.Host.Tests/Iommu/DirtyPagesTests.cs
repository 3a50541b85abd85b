// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Iommu.Type1;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Iommu;

public sealed class DirtyPagesTests
{
    private const ulong Page = Type1Session.Page;

    [Fact]
    public void GetBitmap_without_start_returns_EINVAL()
    {
        using var session = new Type1Session();
        Assert.Equal(Errno.EINVAL, session.GetDirty(0, Page, stackalloc byte[8]).Errno);
    }

    [Fact]
    public void Version_1_container_returns_EACCES()
    {
        using var session = new Type1Session(type: VfioExtension.Type1);
        Assert.Equal(Errno.EACCES, session.Dirty(VfioIommuDirtyPagesFlags.Start).Errno);
    }

    [Fact]
    public void Mapped_pages_are_dirty_and_holes_are_not()
    {
        // 64-page aligned, so that no shift is involved: both fidelities agree with the naive answer.
        using var session = new Type1Session();
        session.Map(session.Anonymous(3 * Page), 0x40000, 3 * Page);
        session.Map(session.Anonymous(Page), 0x80000, Page);
        session.Dirty(VfioIommuDirtyPagesFlags.Start);
        Span<byte> bitmap = stackalloc byte[16];
        Assert.Equal(KernelResult.Success, session.GetDirty(0x40000, 128 * Page, bitmap));
        Assert.Equal(7, bitmap[0]);
        Assert.Equal(1, bitmap[8]);
        Assert.Equal(8, bitmap.ToArray().Sum(b => b));
    }

    [Fact]
    public void Unaligned_start_shifts_the_stored_bitmap_as_Linux_does()
    {
        // conformance: dirty-shifted, lines 10-12
        using var session = new Type1Session();
        session.Map(session.Anonymous(8 * Page), 0x10000, 8 * Page);
        session.Dirty(VfioIommuDirtyPagesFlags.Start);
        Span<byte> bitmap = stackalloc byte[8];
        session.GetDirty(0x8000, 16 * Page, bitmap);
        Assert.Equal([0, 0xff, 0, 0, 0, 0, 0, 0], bitmap.ToArray());
        bitmap.Clear();
        session.GetDirty(0x10000, 8 * Page, bitmap);
        Assert.Equal([0xff, 0xff, 0, 0, 0, 0, 0, 0], bitmap.ToArray());
    }

    [Fact]
    public void Documented_fidelity_reports_each_page_where_it_is()
    {
        Gen<(int From, int At, int Pages)> query =
            from @from in Gen.Choose(0, 100)
            from gap in Gen.Choose(0, 100)
            from pages in Gen.Choose(1, 130)
            select (@from, @from + gap, pages);
        Prop.ForAll(query.ToArbitrary(), q =>
        {
            using var session = new Type1Session(fidelity: Fidelity.Documented);
            session.Map(session.Anonymous((ulong)q.Pages * Page), (ulong)q.At * Page, (ulong)q.Pages * Page);
            session.Dirty(VfioIommuDirtyPagesFlags.Start);
            var bitmap = new byte[64];
            for (int repeat = 0; repeat < 2; repeat++)
            {
                Array.Clear(bitmap);
                session.GetDirty((ulong)q.From * Page, (ulong)(q.At - q.From + q.Pages) * Page, bitmap);
                for (int i = 0; i < bitmap.Length * 8; i++)
                {
                    bool expected = i >= q.At - q.From && i < q.At - q.From + q.Pages;
                    if (((bitmap[i / 8] >> (i % 8)) & 1) != 0 != expected) return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Set_clear_and_shift_agree_with_single_bits()
    {
        Gen<(int Pages, int Shift, int Set, int Clear)> operation =
            from pages in Gen.Choose(1, 300)
            from shift in Gen.Choose(1, 63)
            from set in Gen.Choose(0, pages)
            from clear in Gen.Choose(0, pages)
            select (pages, shift, set, clear);
        Prop.ForAll(operation.ToArbitrary(), o =>
        {
            ulong[] words = DirtyBits.Allocate((ulong)o.Pages);
            var naive = new bool[words.Length * 64];
            DirtyBits.SetFirst(words, (ulong)o.Set);
            for (int i = 0; i < o.Set; i++) naive[i] = true;
            DirtyBits.ShiftLeft(words, o.Shift, (ulong)(o.Pages + o.Shift));
            int touched = (o.Pages + o.Shift + 63) / 64 * 64;
            for (int i = touched - 1; i >= 0; i--) naive[i] = i >= o.Shift && naive[i - o.Shift];
            DirtyBits.ClearFirst(words, (ulong)o.Clear);
            for (int i = 0; i < o.Clear; i++) naive[i] = false;
            return Enumerable.Range(0, naive.Length).All(i => (((words[i / 64] >> (i % 64)) & 1) != 0) == naive[i]);
        }).QuickCheckThrowOnFailure();
    }
}
