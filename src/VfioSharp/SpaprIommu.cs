// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp;

/// <summary>
/// POWER's side of a container (<see cref="VfioContainer.Spapr"/>): IOVAs lie in DMA windows. Version 1 has the default
/// window, and is enabled as a whole; version 2 maps only memory that was registered, and makes and removes windows.
/// </summary>
/// <remarks>Members may be called from any thread. It lives as long as its container.</remarks>
public sealed class SpaprIommu
{
    private readonly VfioContainer _container;
    private readonly KernelFile _file;

    internal SpaprIommu(VfioContainer container, KernelFile file)
    {
        _container = container;
        _file = file;
        ErrorHandling = new SpaprErrorHandling(file);
    }

    /// <summary>Errors of the container's endpoints (EEH).</summary>
    public SpaprErrorHandling ErrorHandling { get; }

    /// <summary>SPAPR_TCE_GET_INFO: the default window, and what windows can be made.</summary>
    /// <exception cref="VfioException">ENXIO: the container has no group.</exception>
    public SpaprInfo GetInfo()
    {
        KernelResult result = SpaprCalls.GetInfo(_file, out SpaprInfo? info);
        VfioException.ThrowIfError(result, Refusals.SpaprGetInfo, _file);
        return info!;
    }

    /// <summary>ENABLE (version 1): mapping becomes possible, and the whole default window counts as locked memory.</summary>
    /// <exception cref="VfioException">ENOMEM: RLIMIT_MEMLOCK. EBUSY: it is enabled. EPERM: there is no default window.</exception>
    public void Enable() => VfioException.ThrowIfError(_file.Ioctl(VfioIoctl.IommuEnable, 0), Refusals.Enable, _file);

    /// <summary>DISABLE (version 1): mapping is possible no more; what is mapped stays.</summary>
    /// <exception cref="VfioException">The container is bound to another process.</exception>
    public void Disable() => VfioException.ThrowIfError(_file.Ioctl(VfioIoctl.IommuDisable, 0), Refusals.Disable, _file);

    /// <summary>SPAPR_REGISTER_MEMORY (version 2): pins memory, so that it can be mapped. It counts as locked memory once, however often it is mapped.</summary>
    /// <param name="memory">The memory. The registration keeps it alive, and does not dispose it.</param>
    /// <exception cref="VfioException">
    /// ENOMEM: RLIMIT_MEMLOCK. EFAULT: not writable as a whole. EBUSY: registered in this container. EINVAL: it overlaps
    /// memory that is registered.
    /// </exception>
    public RegisteredMemory RegisterMemory(VfioMapping memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return RegisterMemory(memory.Address, memory.Length, memory);
    }

    /// <summary>SPAPR_REGISTER_MEMORY of any memory of this process. The caller keeps it mapped until it is unregistered.</summary>
    /// <inheritdoc cref="RegisterMemory(VfioMapping)"/>
    /// <param name="address">Address of the memory in this process.</param>
    /// <param name="size">Size in bytes, a multiple of the page size.</param>
    public RegisteredMemory RegisterMemory(ulong address, ulong size) => RegisterMemory(address, size, memory: null);

    /// <summary>SPAPR_TCE_CREATE (version 2): makes a window. The kernel says where it begins; its table counts as locked memory.</summary>
    /// <param name="pageSize">Bytes of the window's pages, one of <see cref="SpaprInfo.PageSizes"/>.</param>
    /// <param name="size">Bytes of the window, a power of two.</param>
    /// <param name="levels">Levels of its table, 1 to <see cref="SpaprInfo.MaxLevels"/>.</param>
    /// <exception cref="VfioException">
    /// ENOSPC: there are as many as there can be. EINVAL: page size, size or levels cannot be. ENOMEM: RLIMIT_MEMLOCK, or no
    /// memory for the table. ENODEV: firmware refused. EPERM: groups that cannot share it.
    /// </exception>
    public DmaWindow CreateWindow(ulong pageSize, ulong size, uint levels = 1)
    {
        if (!BitOperations.IsPow2(pageSize)) throw new ArgumentOutOfRangeException(nameof(pageSize), pageSize, "a page size is a power of two");
        _file.Acquire();
        KernelResult result = SpaprCalls.CreateWindow(_file, (uint)BitOperations.Log2(pageSize), size, levels, out Iova start);
        if (result.IsError)
        {
            _file.Release();
            VfioException.Throw(result, Refusals.CreateWindow, $"container (0x{size:x} bytes in pages of 0x{pageSize:x}, {levels} level(s))");
        }

        return new DmaWindow(_file, start, pageSize, size, levels);
    }

    /// <summary>SPAPR_TCE_REMOVE of the default window (version 2), which nobody made by <see cref="CreateWindow"/>.</summary>
    /// <exception cref="VfioException">EINVAL: it is not there.</exception>
    public void RemoveDefaultWindow() =>
        VfioException.ThrowIfError(SpaprCalls.RemoveWindow(_file, GetInfo().DefaultWindowStart), Refusals.RemoveWindow, _file);

    /// <summary>SPAPR_TCE_REMOVE of the window that begins at an address, whoever made it.</summary>
    /// <exception cref="VfioException">EINVAL: none begins there.</exception>
    public void RemoveWindow(Iova start) =>
        VfioException.ThrowIfError(SpaprCalls.RemoveWindow(_file, start), Refusals.RemoveWindow, _file);

    private RegisteredMemory RegisterMemory(ulong address, ulong size, VfioMapping? memory)
    {
        _file.Acquire();
        KernelResult result = SpaprCalls.Register(_file, address, size);

        // A positive answer counts pages that could have been pinned, and registers nothing.
        if (result.Value > 0) result = result.Reason is { } reason ? KernelResult.Fail(Errno.EFAULT, reason) : KernelResult.FailSilently(Errno.EFAULT);
        if (result.IsError)
        {
            _file.Release();
            VfioException.Throw(result, Refusals.RegisterMemory, $"{_container} (address 0x{address:x}, 0x{size:x} bytes)");
        }

        return new RegisteredMemory(_file, address, size, memory);
    }
}
