// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;

namespace VfioSharp.Pci;

/// <summary>Offsets of the configuration header (PCI Local Bus 3.0, 6.1), and inside the capabilities used here.</summary>
public static class ConfigOffset
{
    /// <summary>Vendor id, 2 bytes.</summary>
    public const int VendorId = PciHeader.VendorId;

    /// <summary>Device id, 2 bytes.</summary>
    public const int DeviceId = PciHeader.DeviceId;

    /// <summary>Command register, 2 bytes.</summary>
    public const int Command = PciHeader.Command;

    /// <summary>Status register, 2 bytes.</summary>
    public const int Status = PciHeader.Status;

    /// <summary>Revision, then class code.</summary>
    public const int RevisionId = PciHeader.RevisionId;

    /// <summary>Base class and subclass, 2 bytes.</summary>
    public const int ClassCode = PciHeader.ClassDevice;

    /// <summary>Cache line size.</summary>
    public const int CacheLineSize = PciHeader.CacheLineSize;

    /// <summary>Latency timer.</summary>
    public const int LatencyTimer = PciHeader.LatencyTimer;

    /// <summary>Header type; bit 7 says multifunction.</summary>
    public const int HeaderType = PciHeader.HeaderType;

    /// <summary>Built-in self test.</summary>
    public const int Bist = PciHeader.Bist;

    /// <summary>First base address register.</summary>
    public const int Bar0 = PciHeader.BaseAddress0;

    /// <summary>The byte after the last base address register of a type 0 header.</summary>
    public const int BarsEnd = PciHeader.BaseAddress5 + 4;

    /// <summary>Secondary bus number of a bridge.</summary>
    public const int SecondaryBus = PciBridge.SecondaryBus;

    /// <summary>Subordinate bus number of a bridge.</summary>
    public const int SubordinateBus = PciBridge.SubordinateBus;

    /// <summary>Expansion ROM base of a type 0 header.</summary>
    public const int RomBar = PciHeader.RomAddress;

    /// <summary>Expansion ROM base of a bridge.</summary>
    public const int BridgeRomBar = PciBridge.RomAddress;

    /// <summary>Pointer to the first capability.</summary>
    public const int CapabilityPointer = PciHeader.CapabilityList;

    /// <summary>Interrupt line, for software.</summary>
    public const int InterruptLine = PciHeader.InterruptLine;

    /// <summary>Interrupt pin: 1 is INTA, 0 none.</summary>
    public const int InterruptPin = PciHeader.InterruptPin;

    /// <summary>Bridge control of a bridge, 2 bytes.</summary>
    public const int BridgeControl = PciBridge.BridgeControl;

    /// <summary>Size of the header, where capabilities may begin.</summary>
    public const int HeaderSize = PciConfigSpace.HeaderSize;

    /// <summary>Size of conventional configuration space, where extended capabilities begin.</summary>
    public const int ConventionalSize = PciConfigSpace.Size;

    /// <summary>Size of extended configuration space.</summary>
    public const int ExtendedSize = PciConfigSpace.ExpressSize;
}

/// <summary>Bits of the command register.</summary>
[Flags]
public enum PciCommand : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Answers port I/O.</summary>
    Io = Abi.PciRegs.PciCommand.Io,

    /// <summary>Answers memory accesses.</summary>
    Memory = Abi.PciRegs.PciCommand.Memory,

    /// <summary>May send memory requests of its own.</summary>
    Master = Abi.PciRegs.PciCommand.Master,

    /// <summary>SERR# enable.</summary>
    Serr = Abi.PciRegs.PciCommand.Serr,

    /// <summary>INTx is disabled.</summary>
    IntxDisable = Abi.PciRegs.PciCommand.IntxDisable,
}

/// <summary>Bits of the status register.</summary>
[Flags]
public enum PciStatus : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The function asserts INTx, whether or not it is disabled.</summary>
    Interrupt = Abi.PciRegs.PciStatus.Interrupt,

    /// <summary>There is a capability list.</summary>
    CapabilityList = Abi.PciRegs.PciStatus.CapList,

    /// <summary>The error bits, cleared by writing ones.</summary>
    Errors = 0xf900,
}
