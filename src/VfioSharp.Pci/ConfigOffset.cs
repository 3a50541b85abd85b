// SPDX-License-Identifier: MIT
namespace VfioSharp.Pci;

/// <summary>Offsets of the configuration header (PCI Local Bus 3.0, 6.1), and inside the capabilities used here.</summary>
public static class ConfigOffset
{
    /// <summary>Vendor id, 2 bytes.</summary>
    public const int VendorId = 0x00;

    /// <summary>Device id, 2 bytes.</summary>
    public const int DeviceId = 0x02;

    /// <summary>Command register, 2 bytes.</summary>
    public const int Command = 0x04;

    /// <summary>Status register, 2 bytes.</summary>
    public const int Status = 0x06;

    /// <summary>Revision, then class code.</summary>
    public const int RevisionId = 0x08;

    /// <summary>Base class and subclass, 2 bytes.</summary>
    public const int ClassCode = 0x0a;

    /// <summary>Cache line size.</summary>
    public const int CacheLineSize = 0x0c;

    /// <summary>Latency timer.</summary>
    public const int LatencyTimer = 0x0d;

    /// <summary>Header type; bit 7 says multifunction.</summary>
    public const int HeaderType = 0x0e;

    /// <summary>Built-in self test.</summary>
    public const int Bist = 0x0f;

    /// <summary>First base address register.</summary>
    public const int Bar0 = 0x10;

    /// <summary>The byte after the last base address register of a type 0 header.</summary>
    public const int BarsEnd = 0x28;

    /// <summary>Secondary bus number of a bridge.</summary>
    public const int SecondaryBus = 0x19;

    /// <summary>Subordinate bus number of a bridge.</summary>
    public const int SubordinateBus = 0x1a;

    /// <summary>Expansion ROM base of a type 0 header.</summary>
    public const int RomBar = 0x30;

    /// <summary>Expansion ROM base of a bridge.</summary>
    public const int BridgeRomBar = 0x38;

    /// <summary>Pointer to the first capability.</summary>
    public const int CapabilityPointer = 0x34;

    /// <summary>Interrupt line, for software.</summary>
    public const int InterruptLine = 0x3c;

    /// <summary>Interrupt pin: 1 is INTA, 0 none.</summary>
    public const int InterruptPin = 0x3d;

    /// <summary>Bridge control of a bridge, 2 bytes.</summary>
    public const int BridgeControl = 0x3e;

    /// <summary>Size of the header, where capabilities may begin.</summary>
    public const int HeaderSize = 0x40;

    /// <summary>Size of conventional configuration space, where extended capabilities begin.</summary>
    public const int ConventionalSize = 0x100;

    /// <summary>Size of extended configuration space.</summary>
    public const int ExtendedSize = 0x1000;
}

/// <summary>Bits of the command register.</summary>
[Flags]
public enum PciCommand : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Answers port I/O.</summary>
    Io = 0x1,

    /// <summary>Answers memory accesses.</summary>
    Memory = 0x2,

    /// <summary>May send memory requests of its own.</summary>
    Master = 0x4,

    /// <summary>SERR# enable.</summary>
    Serr = 0x100,

    /// <summary>INTx is disabled.</summary>
    IntxDisable = 0x400,
}

/// <summary>Bits of the status register.</summary>
[Flags]
public enum PciStatus : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The function asserts INTx, whether or not it is disabled.</summary>
    Interrupt = 0x8,

    /// <summary>There is a capability list.</summary>
    CapabilityList = 0x10,

    /// <summary>The error bits, cleared by writing ones.</summary>
    Errors = 0xf900,
}
