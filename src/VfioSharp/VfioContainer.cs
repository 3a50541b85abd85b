// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp;

/// <summary>A VFIO container (<c>/dev/vfio/vfio</c>): one IOMMU context, which its groups share.</summary>
/// <remarks>
/// Members may be called from any thread. The descriptor stays open until this object and everything made from it
/// (groups in it, their devices, DMA mappings) are disposed, in any order.
/// </remarks>
public sealed class VfioContainer : IDisposable
{
    /// <summary>The node a container is opened by.</summary>
    public const string NodePath = "/dev/vfio/vfio";

    private const int SupportedApiVersion = 0;

    private static readonly IommuType[] s_preferred =
        [VfioSharp.IommuType.Type1V2, VfioSharp.IommuType.SpaprTceV2, VfioSharp.IommuType.Type1, VfioSharp.IommuType.SpaprTce];

    private readonly KernelFile _file;
    private int _disposed;

    private VfioContainer(KernelFile file) => _file = file;

    /// <summary>The kernel the container is of.</summary>
    public IVfioKernel Kernel => _file.Kernel;

    /// <summary>The type set by <see cref="SetIommu()"/>; null before.</summary>
    public IommuType? IommuType { get; private set; }

    /// <summary>What only POWER's containers have: windows, registered memory; null for another type, or before <see cref="SetIommu()"/>.</summary>
    public SpaprIommu? Spapr { get; private set; }

    /// <summary>Opens a new container.</summary>
    /// <exception cref="VfioException">
    /// ENOENT: VFIO is not there. EACCES: the node may not be opened. EPROTO: the kernel speaks another version of
    /// the interface than 0.
    /// </exception>
    public static VfioContainer Open(IVfioKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        KernelResult opened = kernel.Open(NodePath, OpenMode.ReadWrite);
        if (opened.IsError) VfioException.Throw(opened, Refusals.Open, NodePath);
        var file = new KernelFile(kernel, (int)opened.Value, "container");
        KernelResult version = file.Ioctl(VfioIoctl.GetApiVersion, 0);
        if (version.IsError || version.Value != SupportedApiVersion)
        {
            file.Release();
            KernelResult refusal = version.IsError ? version : KernelResult.Fail(
                Errno.EPROTO, $"the kernel speaks version {version.Value} of the VFIO interface, this library version {SupportedApiVersion}");
            VfioException.Throw(refusal, Refusals.GetApiVersion, NodePath);
        }

        return new VfioContainer(file);
    }

    /// <summary>CHECK_EXTENSION: whether the kernel, or once it is set the IOMMU, has an extension of <c>VfioExtension</c>.</summary>
    public bool Supports(uint extension)
    {
        ThrowIfDisposed();
        return _file.Ioctl(VfioIoctl.CheckExtension, extension).Value > 0;
    }

    /// <summary>SET_CONTAINER: puts a group in this container. It keeps the container open until it leaves.</summary>
    /// <exception cref="VfioException">
    /// EPERM: the group is not viable; the reason then names its devices and their drivers. EINVAL: the group is in
    /// a container already, or the IOMMU that is set cannot take it. EBUSY: another owner has the group's DMA.
    /// </exception>
    public void AddGroup(VfioGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        ThrowIfDisposed();
        group.Enter(_file);
    }

    /// <summary>SET_IOMMU with the best type the kernel offers: Type1v2 or sPAPR TCE v2, else their first versions.</summary>
    /// <exception cref="VfioException">
    /// EINVAL: there is no group yet, or the IOMMU is set. ENODEV: no type is offered.
    /// </exception>
    public void SetIommu()
    {
        ThrowIfDisposed();
        foreach (IommuType type in s_preferred)
        {
            if (!Supports((uint)type)) continue;
            SetIommu(type);
            return;
        }

        SetIommu(VfioSharp.IommuType.Type1);
    }

    /// <summary>SET_IOMMU: chooses the IOMMU driver, once, when the first group is in.</summary>
    /// <exception cref="VfioException">
    /// EINVAL: there is no group yet, or the IOMMU is set. ENODEV: the type is not offered.
    /// </exception>
    public void SetIommu(IommuType type)
    {
        ThrowIfDisposed();
        VfioException.ThrowIfError(_file.Ioctl(VfioIoctl.SetIommu, (ulong)type), Refusals.SetIommu, _file);
        IommuType = type;
        if (type is VfioSharp.IommuType.SpaprTce or VfioSharp.IommuType.SpaprTceV2) Spapr = new SpaprIommu(this, _file);
    }

    /// <summary>IOMMU_GET_INFO with its capabilities decoded.</summary>
    /// <exception cref="VfioException">EINVAL: the IOMMU is not set.</exception>
    /// <exception cref="InvalidOperationException">The IOMMU is POWER's, which has windows: <see cref="SpaprIommu.GetInfo"/>.</exception>
    public IommuInfo GetInfo()
    {
        ThrowIfDisposed();

        // Both IOMMUs have the same number for it and different structs.
        if (Spapr is not null) throw new InvalidOperationException($"the container's IOMMU is {IommuType}: Spapr.GetInfo() gives its windows");
        KernelResult result = Type1Calls.GetInfo(_file, out IommuInfo? info);
        VfioException.ThrowIfError(result, Refusals.IommuGetInfo, _file);
        return info!;
    }

    /// <summary>MAP_DMA: lets the container's devices reach <paramref name="memory"/> at <paramref name="iova"/>.</summary>
    /// <param name="iova">Where the devices will see it; a multiple of the IOMMU's smallest page.</param>
    /// <param name="memory">Memory, or a mapped device region. The mapping keeps it alive, and does not dispose it.</param>
    /// <param name="access">What devices may do.</param>
    /// <exception cref="VfioException">
    /// EEXIST: the range overlaps a mapping. EINVAL: misaligned, reserved (the MSI window) or beyond the aperture.
    /// ENOSPC: too many mappings. ENOMEM: RLIMIT_MEMLOCK. EFAULT: memory without the permission. On POWER also
    /// EPERM: nothing is registered or enabled yet. ENXIO: the IOVA is in no window.
    /// </exception>
    public DmaMapping MapDma(Iova iova, VfioMapping memory, DmaAccess access)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return MapDma(iova, memory.Address, memory.Length, access, memory);
    }

    /// <summary>MAP_DMA of any memory of this process. The caller keeps it mapped until the mapping is disposed.</summary>
    /// <inheritdoc cref="MapDma(Iova, VfioMapping, DmaAccess)"/>
    /// <param name="iova">Where the devices will see it; a multiple of the IOMMU's smallest page.</param>
    /// <param name="address">Address of the memory in this process (for the software host: in its caller's memory).</param>
    /// <param name="size">Size in bytes.</param>
    /// <param name="access">What devices may do.</param>
    public DmaMapping MapDma(Iova iova, ulong address, ulong size, DmaAccess access) =>
        MapDma(iova, address, size, access, memory: null);

    /// <summary>Zeroed memory, mapped at <paramref name="iova"/>; registered first where that is needed (sPAPR TCE v2).</summary>
    /// <inheritdoc cref="MapDma(Iova, VfioMapping, DmaAccess)"/>
    /// <param name="iova">Where the devices will see it; a multiple of the IOMMU's smallest page.</param>
    /// <param name="size">Size in bytes, a multiple of the page size.</param>
    /// <param name="access">What devices may do.</param>
    public DmaBuffer AllocateDma(Iova iova, ulong size, DmaAccess access)
    {
        ThrowIfDisposed();
        KernelResult allocated = Kernel.AllocateMemory(size, out VfioMapping? memory);
        if (allocated.IsError) VfioException.Throw(allocated, Refusals.AllocateMemory, $"0x{size:x} bytes");
        RegisteredMemory? registered = null;
        try
        {
            if (IommuType == VfioSharp.IommuType.SpaprTceV2) registered = Spapr!.RegisterMemory(memory!);
            return new DmaBuffer(memory!, MapDma(iova, memory!, access), registered);
        }
        catch
        {
            registered?.Dispose();
            memory!.Dispose();
            throw;
        }
    }

    /// <summary>
    /// MAP_DMA without an object for the mapping: for who keeps book of what is mapped itself, and mirrors a guest's
    /// IOMMU. Allocates nothing; the caller keeps the memory mapped until <see cref="TryUnmapDma"/>.
    /// </summary>
    /// <returns>Success, or the refusal as <see cref="MapDma(Iova, VfioMapping, DmaAccess)"/> has it.</returns>
    /// <param name="iova">Where the devices will see it; a multiple of the IOMMU's smallest page.</param>
    /// <param name="address">Address of the memory in this process (for the software host: in its caller's memory).</param>
    /// <param name="size">Size in bytes.</param>
    /// <param name="access">What devices may do.</param>
    public KernelResult TryMapDma(Iova iova, ulong address, ulong size, DmaAccess access)
    {
        ThrowIfDisposed();
        KernelResult result = Type1Calls.Map(_file, iova, address, size, access);

        // On POWER 1 comes back for an IOVA that is not on a page, and nothing is mapped.
        return result.Value > 0 ? Refused(result, Errno.EINVAL) : result;
    }

    /// <summary>UNMAP_DMA of a range. Allocates nothing.</summary>
    /// <param name="iova">First address.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="unmapped">Bytes of mappings that went: Type1 counts them, POWER answers what was asked.</param>
    /// <returns>Success, also when nothing was mapped. EINVAL: it would cut a mapping (Type1 v2), or lies in no window (POWER).</returns>
    public KernelResult TryUnmapDma(Iova iova, ulong size, out ulong unmapped)
    {
        ThrowIfDisposed();
        KernelResult result = Type1Calls.Unmap(_file, iova, size, out unmapped);
        return result.Value > 0 ? Refused(result, Errno.EINVAL) : result;
    }

    /// <summary>UNMAP_DMA with the ALL flag: unmaps everything in the container.</summary>
    /// <returns>Bytes unmapped.</returns>
    /// <exception cref="VfioException">EINVAL: the IOMMU is not set.</exception>
    public ulong UnmapAll()
    {
        ThrowIfDisposed();
        KernelResult result = Type1Calls.UnmapAll(_file, out ulong unmapped);
        VfioException.ThrowIfError(result, Refusals.UnmapDma, _file);
        return unmapped;
    }

    /// <summary>Lets go of the container; it closes when all that was made from it is disposed too.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _file.Release();
    }

    /// <inheritdoc/>
    public override string ToString() => _file.Description;

    private DmaMapping MapDma(Iova iova, ulong address, ulong size, DmaAccess access, VfioMapping? memory)
    {
        ThrowIfDisposed();
        _file.Acquire();
        KernelResult result = TryMapDma(iova, address, size, access);
        if (result.IsError)
        {
            _file.Release();
            VfioException.Throw(result, Refusals.MapDma, $"container (iova {iova}, 0x{size:x} bytes, {access})");
        }

        return new DmaMapping(_file, iova, size, access, memory);
    }

    private static KernelResult Refused(KernelResult odd, Errno errno) =>
        odd.Reason is { } reason ? KernelResult.Fail(errno, reason) : KernelResult.FailSilently(errno);

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
}
