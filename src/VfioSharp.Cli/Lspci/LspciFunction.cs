// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Pci;

namespace VfioSharp.Cli.Lspci;

/// <summary>A function as <c>lspci</c> printed it.</summary>
/// <param name="address">Where it is.</param>
/// <param name="line">The line of its heading.</param>
internal sealed class LspciFunction(PciAddress address, int line)
{
    /// <summary>Where it is.</summary>
    public PciAddress Address => address;

    /// <summary>The line of its heading.</summary>
    public int Line => line;

    /// <summary>Its configuration bytes as far as they were printed: 64, 256 or 4096 at most.</summary>
    public List<byte> Config { get; } = [];

    /// <summary>BARs and ROM of the Region lines, which <c>-v</c> prints.</summary>
    public List<PciBar> Bars { get; } = [];

    /// <summary>What "Kernel driver in use" says, or null.</summary>
    public string? Driver { get; set; }

    /// <summary>What "IOMMU group" says, or null.</summary>
    public int? Group { get; set; }
}
