// SPDX-License-Identifier: MIT
using VfioSharp.Host.Locking;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>
/// The secret that a physical function with virtual ones shares with their users (vfio_pci_core.c:
/// vfio_pci_core_match_token_uuid). It outlives the physical function's descriptors.
/// </summary>
internal sealed class VfToken
{
    private readonly RankedLock _lock = new(LockRank.Leaf); // Guards _value and _users. Innermost.
    private Guid _value = Guid.NewGuid();
    private int _users;

    /// <summary>The user of the physical function sets it.</summary>
    public void Set(Guid value)
    {
        using (_lock.EnterScope()) _value = value;
    }

    /// <summary>A virtual function is opened or closed (vf_token->users).</summary>
    public void CountUser(bool opened)
    {
        using (_lock.EnterScope()) _users += opened ? 1 : -1;
    }

    /// <summary>A virtual function is to be opened: its user has to know the token.</summary>
    public KernelResult CheckVirtual(Guid? given, string name)
    {
        using (_lock.EnterScope()) return Check(given, name, "its physical function is bound to vfio-pci");
    }

    /// <summary>
    /// The physical function is to be opened: while virtual ones are in use its user has to know the token; else the
    /// token is the user's to set.
    /// </summary>
    public KernelResult CheckPhysical(Guid? given, string name)
    {
        using (_lock.EnterScope())
        {
            if (_users != 0) return Check(given, name, $"{_users} of its virtual functions are open");
            if (given is { } value) _value = value;
            return KernelResult.Success;
        }
    }

    private KernelResult Check(Guid? given, string name, string why)
    {
        if (given is null) return KernelResult.Fail(Errno.EACCES, $"GET_DEVICE_FD({name}): a vf_token is needed: {why}");
        return given == _value ? KernelResult.Success : KernelResult.Fail(Errno.EACCES, $"GET_DEVICE_FD({name}): vf_token={given} is not the one set: {why}");
    }
}
