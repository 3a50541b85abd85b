// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Iommu;

/// <summary>The sentence of a refusal carries the very values of the call.</summary>
public sealed class RefusalTextTests : IDisposable
{
    private const ulong Page = Type1Session.Page;

    private readonly Type1Session _session = new();
    private readonly ulong _memory;

    public RefusalTextTests()
    {
        _memory = _session.Anonymous(8 * Page);
        Assert.Equal(KernelResult.Success, _session.Map(_memory, 0x40000, 4 * Page));
    }

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData(0x40000UL, 0x1000UL, 3u, Errno.EEXIST, "0x40000", "0x1000", "0x4000")]
    [InlineData(0x50123UL, 0x1000UL, 3u, Errno.EINVAL, "0x50123", "0x1000", "pages")]
    [InlineData(0x50000UL, 0x0UL, 3u, Errno.EINVAL, "0x50000", "size 0", "iova")]
    [InlineData(0x50000UL, 0x1000UL, 0u, Errno.EINVAL, "0x0", "READ", "WRITE")]
    [InlineData(0x50000UL, 0x1000UL, 7u, Errno.EINVAL, "0x7", "VADDR", "permissions")]
    [InlineData(0x50000UL, 0x1000UL, 64u, Errno.EINVAL, "0x40", "flags", "0x7")]
    [InlineData(0x50000UL, 0x1000UL, 4u, Errno.ENOENT, "0x50000", "0x1000", "VADDR")]
    [InlineData(0x40000UL, 0x4000UL, 4u, Errno.EINVAL, "0x40000", "0x4000", "VADDR")]
    [InlineData(0xfee00000UL, 0x1000UL, 3u, Errno.EINVAL, "0xfee00000", "0xfedfffff", "0xfef00000")]
    [InlineData(0xfffffffffffff000UL, 0x2000UL, 3u, Errno.EOVERFLOW, "0xfffffffffffff000", "0x2000", "end")]
    public void MapDma_refusal_names_its_values(ulong iova, ulong size, uint flags, Errno errno, params string[] values) =>
        AssertNames(_session.Map(_memory, iova, size, flags), errno, values);

    [Theory]
    [InlineData(0x41000UL, 0x1000UL, 0u, Errno.EINVAL, "0x41000", "0x1000", "0x40000")]
    [InlineData(0x40000UL, 0x1000UL, 0u, Errno.EINVAL, "0x40000", "0x1000", "0x4000")]
    [InlineData(0x40001UL, 0x1000UL, 0u, Errno.EINVAL, "0x40001", "0x1000", "iova")]
    [InlineData(0x40000UL, 0x123UL, 0u, Errno.EINVAL, "0x123", "size", "pages")]
    [InlineData(0x1000UL, 0x0UL, 2u, Errno.EINVAL, "0x1000", "0x0", "ALL")]
    [InlineData(0xfffffffffffff000UL, 0x2000UL, 0u, Errno.EOVERFLOW, "0xfffffffffffff000", "0x2000", "end")]
    [InlineData(0x40000UL, 0x1000UL, 64u, Errno.EINVAL, "0x40", "unknown", "flags")]
    [InlineData(0x40000UL, 0x1000UL, 3u, Errno.EINVAL, "0x3", "GET_DIRTY_BITMAP", "ALL")]
    public void UnmapDma_refusal_names_its_values(ulong iova, ulong size, uint flags, Errno errno, params string[] values) =>
        AssertNames(_session.Unmap(iova, size, flags), errno, values);

    [Fact]
    public void Bad_address_names_where_memory_ends()
    {
        // Mapped up to the hole; what is named is the hole, not the start.
        _session.Process.Unmap(_memory + (6 * Page), Page);
        AssertNames(_session.Map(_memory + (4 * Page), 0x80000, 4 * Page), Errno.EFAULT, $"0x{_memory + (6 * Page):x}", $"0x{_memory + (4 * Page):x}");
    }

    [Fact]
    public void Memlock_refusal_names_limit_and_what_is_locked()
    {
        _session.Process.Limits.Drop((int)Capability.IpcLock);
        _session.Process.Limits.SetMemlock(5 * Page);
        AssertNames(_session.Map(_memory + (4 * Page), 0x80000, 2 * Page), Errno.ENOMEM, "20480", "16384", "0x2000", "CAP_IPC_LOCK", "ulimit -l");
    }

    [Fact]
    public void Short_argument_names_both_sizes() =>
        AssertNames(_session.Ioctl(_session.Container, VfioIoctl.IommuMapDma, new VfioIommuType1DmaMap { Argsz = 31 }), Errno.EINVAL, "31", "32");

    [Fact]
    public void Unreadable_argument_names_its_address() =>
        AssertNames(_session.Process.Ioctl(_session.Container, VfioIoctl.IommuMapDma, 0xdead0000), Errno.EFAULT, "0xdead0000", "32");

    [Fact]
    public void Unknown_request_is_named() =>
        AssertNames(_session.Process.Ioctl(_session.Container, 0x3bff, 0), Errno.ENOTTY, "0x3bff");

    private static void AssertNames(KernelResult result, Errno errno, params string[] values)
    {
        Assert.Equal(errno, result.Errno);
        foreach (string value in values) Assert.Contains(value, result.Reason, StringComparison.Ordinal);
    }
}
