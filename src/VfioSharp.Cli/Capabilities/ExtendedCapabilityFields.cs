// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Pci;

namespace VfioSharp.Cli.Capabilities;

/// <summary>Decodes the main registers of extended capabilities.</summary>
internal static class ExtendedCapabilityFields
{
    /// <summary>The fields of the capability at a place.</summary>
    public static IReadOnlyList<CapabilityField> Of(ConfigView view, int at) => (int)view.Read16(at) switch
    {
        PciExtCapId.Err =>
        [
            new("uncorrectable status", CapabilityFields.Hex(view.Read32(at + PciErr.UncorStatus))),
            new("mask", CapabilityFields.Hex(view.Read32(at + PciErr.UncorMask))),
            new("severity", CapabilityFields.Hex(view.Read32(at + PciErr.UncorSever))),
            new("correctable status", CapabilityFields.Hex(view.Read32(at + PciErr.CorStatus))),
            new("correctable mask", CapabilityFields.Hex(view.Read32(at + PciErr.CorMask))),
        ],
        PciExtCapId.Sriov =>
        [
            new("enabled", CapabilityFields.YesNo((view.Read16(at + PciSriov.Control) & PciSriov.ControlVfEnable) != 0)),
            new("virtual functions", $"{view.Read16(at + PciSriov.NumVf)} of {view.Read16(at + PciSriov.TotalVf)}"),
            new("first offset", CapabilityFields.Number(view.Read16(at + PciSriov.VfOffset))),
            new("stride", CapabilityFields.Number(view.Read16(at + PciSriov.VfStride))),
            new("device id", string.Create(CultureInfo.InvariantCulture, $"{view.Read16(at + PciSriov.VfDid):x4}")),
        ],
        PciExtCapId.Dsn =>
            [new("serial", string.Create(CultureInfo.InvariantCulture, $"{view.Read32(at + 8):x8}{view.Read32(at + 4):x8}"))],
        PciExtCapId.Acs =>
            [new("can", CapabilityFields.Hex(view.Read16(at + 4))), new("does", CapabilityFields.Hex(view.Read16(at + 6)))],
        PciExtCapId.Ari => [new("next function", CapabilityFields.Number(view.Read8(at + 5)))],
        PciExtCapId.Ats =>
        [
            new("enabled", CapabilityFields.YesNo((view.Read16(at + 6) & 0x8000) != 0)),
            new("queue depth", CapabilityFields.Number((view.Read16(at + 4) & 0x1f) is var depth and not 0 ? depth : 32)),
        ],
        PciExtCapId.Vndr or PciExtCapId.Dvsec => [new("header", CapabilityFields.Hex(view.Read32(at + 4)))],
        _ => [],
    };
}
