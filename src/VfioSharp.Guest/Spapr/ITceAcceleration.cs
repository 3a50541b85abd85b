// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Spapr;

/// <summary>
/// Tables in the kernel that runs the guest (KVM_CREATE_SPAPR_TCE_64): it does the guest's TCE hypercalls by itself,
/// and the virtual machine monitor hears nothing of them.
/// </summary>
public interface ITceAcceleration
{
    /// <summary>
    /// Whether a table can write the host's windows of VFIO groups, too (KVM_CAP_SPAPR_TCE_VFIO), so that it may stay in
    /// the kernel while devices need to know of changes.
    /// </summary>
    bool ServesGroups { get; }

    /// <summary>Makes a table, empty; null: there is none to be had, and the window works without.</summary>
    /// <param name="liobn">The window's name.</param>
    /// <param name="pageShift">Size of its pages as a power of two.</param>
    /// <param name="start">Where it begins on the bus.</param>
    /// <param name="pageCount">Number of its pages.</param>
    IAcceleratedTceTable? Create(uint liobn, int pageShift, Iova start, ulong pageCount);
}

/// <summary>A window's entries in the kernel. Disposing it lets the hypercalls come to the virtual machine monitor again.</summary>
public interface IAcceleratedTceTable : IDisposable
{
    /// <summary>An entry. Any thread may read, also one that comes after the end: it gets 0.</summary>
    ulong Read(ulong index);

    /// <summary>Sets an entry, and those of the host's windows that are attached.</summary>
    void Write(ulong index, ulong tce);

    /// <summary>Attaches the host's windows of a VFIO group (KVM_DEV_VFIO_GROUP_SET_SPAPR_TCE); false: it cannot.</summary>
    /// <param name="group">The group's descriptor.</param>
    bool AttachGroup(int group);
}
