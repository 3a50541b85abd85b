// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Host.Sysfs;

/// <summary>
/// What sysfs and debugfs show of error handling (arch/powerpc/kernel/eeh_sysfs.c; eeh.c: eeh_dev_break), and one file
/// of ours that plays the host bridge: an error happens where it says.
/// </summary>
internal sealed class EehAttributes(SoftwareHost host)
{
    /// <summary>Takes an address, whose function is made to fail a load.</summary>
    public const string Break = "/sys/kernel/debug/powerpc/eeh_dev_break";

    /// <summary>Not Linux's: takes an address and what of its endpoint is stopped then (1 MMIO, 2 DMA, 3 both, 0 neither).</summary>
    public const string Freeze = "/sys/kernel/debug/vfiosharp/freeze";

    /// <summary>Whether a path is one of the machine's files of error handling.</summary>
    public bool Covers(string path) => host.Platform.Eeh is not null && path is Break or Freeze;

    /// <summary>Writes such a file.</summary>
    public KernelResult Write(string path, string value)
    {
        string[] words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        bool isBreak = path == Break;
        if (words.Length != (isBreak ? 1 : 2) || !PciAddress.TryParse(words[0], out PciAddress address))
        {
            return KernelResult.Fail(Errno.EINVAL, $"{path}: \"{value}\" is not {(isBreak ? "an address (0001:01:00.0)" : "an address and a number (0001:01:00.0 3)")}");
        }

        if (!isBreak)
        {
            return int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int what) && what <= (int)PeFreeze.All
                ? host.Freeze(address, (PeFreeze)what)
                : KernelResult.Fail(Errno.EINVAL, $"{path}: \"{words[1]}\" is not 0, 1 (MMIO), 2 (DMA) or 3 (both)");
        }

        return host.Platform.Topology.Find(address) is { } function
            ? host.Platform.Eeh!.Break(function)
            : KernelResult.Fail(Errno.ENODEV, $"{path}: {address} is not in machine {host.Platform.Name}");
    }

    /// <summary>The text of a function's attribute, or null when it has no such.</summary>
    public static string? Read(PciFunction function, string attribute)
    {
        if (EehSubsystem.Find(function) is not { } pe) return null;
        return attribute switch
        {
            "eeh_pe_config_addr" => string.Create(CultureInfo.InvariantCulture, $"0x{pe.Number:x}\n"),
            "eeh_pe_state" => pe.Eeh.Describe(pe),
            _ => null,
        };
    }

    /// <summary>Writes a function's attribute; null when it has no such.</summary>
    public static KernelResult? Write(PciFunction function, string attribute) =>
        attribute == "eeh_pe_state" && EehSubsystem.Find(function) is { } pe ? pe.Eeh.Thaw(pe) : null;
}
