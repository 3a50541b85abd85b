// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Bits of <see cref="IommuHwptPgfault.Flags"/>.</summary>
public static class IommuHwptPgfaultFlags
{
    /// <summary><c>IOMMU_PGFAULT_FLAGS_PASID_VALID</c>: the process address space number is filled in.</summary>
    [CName("IOMMU_PGFAULT_FLAGS_PASID_VALID")]
    [SinceLinux("6.11")]
    public const uint PasidValid = 1u << 0;

    /// <summary><c>IOMMU_PGFAULT_FLAGS_LAST_PAGE</c>: the last request of its group.</summary>
    [CName("IOMMU_PGFAULT_FLAGS_LAST_PAGE")]
    [SinceLinux("6.11")]
    public const uint LastPage = 1u << 1;
}

/// <summary>Bits of <see cref="IommuHwptPgfault.Perm"/>.</summary>
public static class IommuHwptPgfaultPerm
{
    /// <summary><c>IOMMU_PGFAULT_PERM_READ</c>: read.</summary>
    [CName("IOMMU_PGFAULT_PERM_READ")]
    [SinceLinux("6.11")]
    public const uint Read = 1u << 0;

    /// <summary><c>IOMMU_PGFAULT_PERM_WRITE</c>: write.</summary>
    [CName("IOMMU_PGFAULT_PERM_WRITE")]
    [SinceLinux("6.11")]
    public const uint Write = 1u << 1;

    /// <summary><c>IOMMU_PGFAULT_PERM_EXEC</c>: execute.</summary>
    [CName("IOMMU_PGFAULT_PERM_EXEC")]
    [SinceLinux("6.11")]
    public const uint Exec = 1u << 2;

    /// <summary><c>IOMMU_PGFAULT_PERM_PRIV</c>: privileged.</summary>
    [CName("IOMMU_PGFAULT_PERM_PRIV")]
    [SinceLinux("6.11")]
    public const uint Priv = 1u << 3;
}

/// <summary><c>struct iommu_hwpt_pgfault</c>: One page fault, as read from a fault queue.</summary>
[CName("iommu_hwpt_pgfault")]
[SinceLinux("6.11")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwptPgfault
{
    /// <summary><c>flags</c>: Bits of <see cref="IommuHwptPgfaultFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>dev_id</c>: The device.</summary>
    public uint DevId;

    /// <summary><c>pasid</c>: Process address space number.</summary>
    public uint Pasid;

    /// <summary><c>grpid</c>: Group of requests.</summary>
    public uint Grpid;

    /// <summary><c>perm</c>: Bits of <see cref="IommuHwptPgfaultPerm"/>.</summary>
    public uint Perm;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;

    /// <summary><c>addr</c>: The address.</summary>
    public ulong Addr;

    /// <summary><c>length</c>: Hint at how many bytes are wanted.</summary>
    public uint Length;

    /// <summary><c>cookie</c>: Given back in the response.</summary>
    public uint Cookie;
}
