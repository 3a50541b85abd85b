// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>SPAPR_REGISTER_MEMORY and SPAPR_UNREGISTER_MEMORY.</summary>
internal sealed partial class SpaprTceDriver
{
    private static KernelResult ReadRegistration(Caller caller, string call, ulong argument, out VfioIommuSpaprRegisterMemory memory)
    {
        memory = default;
        int size = Unsafe.SizeOf<VfioIommuSpaprRegisterMemory>();
        if (!UserMemory.TryRead(caller, argument, ref memory)) return UserMemory.Fault(call, argument, size);
        if (memory.Argsz < size) return UserMemory.ShortArgument(call, memory.Argsz, size);
        return memory.Flags == 0 ? KernelResult.Success : KernelResult.Fail(Errno.EINVAL, $"{call}: flags 0x{memory.Flags:x}, and none are known");
    }

    // tce_iommu_register_pages
    private KernelResult RegisterMemory(Caller caller, ulong argument)
    {
        BindTo(caller);
        KernelResult read = ReadRegistration(caller, "REGISTER_MEMORY", argument, out VfioIommuSpaprRegisterMemory memory);
        if (read.IsError) return read;
        ulong mask = (ulong)_kernel.PageSize - 1;
        if (((memory.Vaddr | memory.Size) & mask) != 0 || unchecked(memory.Vaddr + memory.Size) < memory.Vaddr)
        {
            return KernelResult.Fail(Errno.EINVAL, $"REGISTER_MEMORY: vaddr 0x{memory.Vaddr:x} and size 0x{memory.Size:x} are not both multiples of the system's {_kernel.PageSize}-byte pages, or pass the end of the address space");
        }

        RegisteredMemory? region = caller.Registered.Get(memory.Vaddr, memory.Size);
        if (region is not null)
        {
            if (_registered.Contains(region))
            {
                caller.Registered.Put(caller, region);
                return KernelResult.Fail(Errno.EBUSY, $"REGISTER_MEMORY: 0x{memory.Vaddr:x}+0x{memory.Size:x} is registered in this container already");
            }
        }
        else
        {
            // A positive answer registers nothing either.
            KernelResult registered = caller.Registered.Register(caller, _kernel, memory.Vaddr, memory.Size, out region);
            if (region is null) return registered;
        }

        if (!_kernel.Copies(Fidelity.UnregisterInUseSucceeds)) caller.Registered.Adopt(region);
        _registered.Add(region);
        _enabled = true;
        return KernelResult.Success;
    }

    // tce_iommu_unregister_pages
    private KernelResult UnregisterMemory(Caller caller, ulong argument)
    {
        if (_owner is null) return KernelResult.Fail(Errno.EPERM, $"UNREGISTER_MEMORY: {caller.Name} never registered or created anything in this container");
        KernelResult read = ReadRegistration(caller, "UNREGISTER_MEMORY", argument, out VfioIommuSpaprRegisterMemory memory);
        if (read.IsError) return read;
        ulong mask = (ulong)_kernel.PageSize - 1;
        if (((memory.Vaddr | memory.Size) & mask) != 0)
        {
            return KernelResult.Fail(Errno.EINVAL, $"UNREGISTER_MEMORY: vaddr 0x{memory.Vaddr:x} and size 0x{memory.Size:x} are not both multiples of the system's {_kernel.PageSize}-byte pages");
        }

        RegisteredMemory? region = caller.Registered.Get(memory.Vaddr, memory.Size);
        if (region is null) return KernelResult.Fail(Errno.ENOENT, $"UNREGISTER_MEMORY: 0x{memory.Vaddr:x}+0x{memory.Size:x} is not exactly a registered region");
        KernelResult result;
        if (!_registered.Contains(region))
        {
            result = KernelResult.Fail(Errno.ENOENT, $"UNREGISTER_MEMORY: 0x{memory.Vaddr:x}+0x{memory.Size:x} was registered in another container, not in this one");
        }
        else if (!_kernel.Copies(Fidelity.UnregisterInUseSucceeds) && region.Users == 2 && region.Entries != 0)
        {
            result = KernelResult.Fail(Errno.EBUSY, $"UNREGISTER_MEMORY: {region.Entries} entries of DMA windows point into 0x{memory.Vaddr:x}+0x{memory.Size:x}; unmap them first");
        }
        else
        {
            // tce_iommu_prereg_free: the reference just taken hides that entries point into it.
            result = caller.Registered.Put(caller, region);
            _registered.Remove(region);
        }

        // Refused when entries point into it: then it stays, nobody's, until a container registers it again.
        caller.Registered.Put(caller, region);
        return result;
    }
}
