// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Eeh;

/// <summary>What the kernel knows of an endpoint (arch/powerpc/include/asm/eeh.h: eeh_pe.state).</summary>
[Flags]
internal enum EehPeFlags
{
    None = 0,

    /// <summary>An error was found.</summary>
    Isolated = 1 << 0,

    /// <summary>The host recovers it.</summary>
    Recovering = 1 << 1,

    /// <summary>Accesses to configuration space are kept back.</summary>
    ConfigBlocked = 1 << 2,

    /// <summary>A full reset by the host is under way.</summary>
    Reset = 1 << 3,

    /// <summary>Its devices' configuration space is to be blocked as soon as an error is found.</summary>
    ConfigRestricted = 1 << 9,
}

/// <summary>What the platform says of an endpoint (EEH_STATE_*).</summary>
[Flags]
internal enum EehStates
{
    None = 0,
    Unavailable = 1 << 0,
    NotSupported = 1 << 1,
    ResetActive = 1 << 2,
    MmioActive = 1 << 3,
    DmaActive = 1 << 4,
    MmioEnabled = 1 << 5,
    DmaEnabled = 1 << 6,
    Working = MmioActive | DmaActive | MmioEnabled | DmaEnabled,
}

/// <summary>What can be asked of an endpoint (EEH_OPT_*).</summary>
internal enum EehOption
{
    Disable = 0,
    Enable = 1,
    ThawMmio = 2,
    ThawDma = 3,
    Freeze = 4,
}

/// <summary>A step of a reset (EEH_RESET_*).</summary>
internal enum EehReset
{
    Deactivate = 0,
    Hot = 1,
    Fundamental = 3,
}

/// <summary>What an endpoint is made of (EEH_PE_*).</summary>
internal enum EehPeKind
{
    /// <summary>A bus and what is behind it.</summary>
    Bus,

    /// <summary>One device.</summary>
    Device,

    /// <summary>A virtual function.</summary>
    VirtualFunction,
}

/// <summary>What an injected error hits (EEH_ERR_FUNC_*).</summary>
internal enum EehErrorFunction
{
    LoadMemoryAddress = 0,
    LoadMemoryData = 1,
    LoadConfigAddress = 4,
    LoadConfigData = 5,
    StoreMemoryAddress = 6,
    StoreMemoryData = 7,
    StoreConfigAddress = 10,
    StoreConfigData = 11,
    Last = 19,
}
