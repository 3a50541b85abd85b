// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Locking;

/// <summary>
/// The order in which locks are taken: a thread may take a lock only when all it holds are of a smaller rank.
/// ARCHITECTURE.md, "Locks and their order", says what each guards.
/// </summary>
public enum LockRank
{
    /// <summary>Binding and unbinding of one function (device_lock); a physical function's before its virtual ones'.</summary>
    Binding,

    /// <summary>Groups, containers, owners, open counts.</summary>
    GroupRegistry,

    /// <summary>Which functions a platform has.</summary>
    Population,

    /// <summary>A device's memory against resets and changes of decoding; several only under <see cref="GroupRegistry"/>.</summary>
    MemoryGate,

    /// <summary>The interrupts of a device (igate).</summary>
    InterruptGate,

    /// <summary>A device's ioeventfds.</summary>
    IoEvents,

    /// <summary>A device's virtual configuration space.</summary>
    VirtualConfig,

    /// <summary>A container's sPAPR TCE driver and its tables.</summary>
    SpaprTceDriver,

    /// <summary>A process's registered memory (mem_list_mutex).</summary>
    RegisteredMemory,

    /// <summary>The windows of a partition's firmware.</summary>
    Firmware,

    /// <summary>A device model's registers.</summary>
    DeviceModel,

    /// <summary>DMA under way, and the wait for it to end.</summary>
    DmaAccess,

    /// <summary>The mappings of a domain of Type1.</summary>
    Domain,

    /// <summary>What is known of endpoints' errors (EEH).</summary>
    Eeh,

    /// <summary>INTx of a device and its COMMAND (irqlock); several only under <see cref="GroupRegistry"/>.</summary>
    Intx,

    /// <summary>The line of a function.</summary>
    InterruptLine,

    /// <summary>The eventfds of message interrupts, ERR and REQ, while they are signalled.</summary>
    Trigger,

    /// <summary>Innermost: nothing is taken under it.</summary>
    Leaf,
}
