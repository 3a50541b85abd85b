// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Cli.Scripts;

/// <summary>
/// The machine's side of a script: which driver holds a device, which group it is in, attributes. Works on the same
/// sysfs paths as the recorded runner.
/// </summary>
internal sealed class HostSide(SoftwareProcess process, ScriptMachine machine)
{
    private Task<KernelResult>? _background;

    /// <summary>The IOMMU group of a device by the number in its sysfs link, or -1.</summary>
    public int GroupOf(string alias)
    {
        string link = $"{DeviceFolder(alias)}/iommu_group";
        if (process.Host.Sysfs.ReadLink(link, out string? target).IsError || target is null) return -1;
        return int.TryParse(LastName(target), NumberStyles.None, CultureInfo.InvariantCulture, out int group) ? group : 0;
    }

    /// <summary>A group as it is printed: the alias of its first listed device.</summary>
    public string GroupAlias(uint group)
    {
        foreach (var entry in machine.Aliases)
            if (GroupOf(entry.Key) == (int)group)
                return entry.Key;
        return "?";
    }

    /// <summary>The driver of a device, or null.</summary>
    public string? DriverOf(string alias) =>
        process.Host.Sysfs.ReadLink($"{DeviceFolder(alias)}/driver", out string? target).IsError || target is null
            ? null
            : LastName(target);

    /// <summary>Writes a text file of the machine.</summary>
    public KernelResult Put(string path, string text) => process.Host.Sysfs.WriteText(path, text);

    /// <summary>Writes an attribute of a PCI device.</summary>
    public KernelResult PutAttribute(string alias, string file, string text) => Put($"{DeviceFolder(alias)}/{file}", text);

    /// <summary>The number of a device's own node (/dev/vfio/devices/vfioN), or -1.</summary>
    public int CharacterDeviceOf(string alias)
    {
        if (process.Host.Sysfs.ListNames($"{DeviceFolder(alias)}/vfio-dev", out IReadOnlyList<string>? names).IsError || names is null) return -1;
        foreach (string name in names)
            if (name.StartsWith("vfio", StringComparison.Ordinal) && int.TryParse(name.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                return number;
        return -1;
    }

    /// <summary>
    /// Gives a device to a driver, or to none, as another process would: it may have to wait for a VFIO user.
    /// </summary>
    public KernelResult Rebind(string alias, string driver)
    {
        string address = machine.AddressOf(alias);
        KernelResult unbound = Put($"{DeviceFolder(alias)}/driver/unbind", address);
        if (unbound.IsError && unbound.Errno != Errno.ENOENT) return unbound;
        string overridePath = $"{DeviceFolder(alias)}/driver_override";
        if (driver == "none") return Done(Put(overridePath, "\n"));
        KernelResult chosen = Put(overridePath, driver);
        return chosen.IsError ? chosen : Done(Put("/sys/bus/pci/drivers_probe", address));
    }

    /// <summary>The same, for at most <paramref name="milliseconds"/>; null when it still waits then.</summary>
    public KernelResult? RebindWithin(string alias, string driver, ulong milliseconds)
    {
        Task<KernelResult> rebinding = Start(alias, driver);
        return rebinding.Wait(TimeSpan.FromMilliseconds(milliseconds)) ? rebinding.Result : null;
    }

    /// <summary>The same, and goes on: <see cref="WaitForRebind"/> tells how it ended.</summary>
    public void RebindInBackground(string alias, string driver) => _background = Start(alias, driver);

    /// <summary>Whether a rebind in the background was begun and not yet waited for.</summary>
    public bool IsRebinding => _background is not null;

    /// <summary>The result of the rebind in the background; null when it still waits after the time.</summary>
    public KernelResult? WaitForRebind(ulong milliseconds)
    {
        if (_background is null || !_background.Wait(TimeSpan.FromMilliseconds(milliseconds))) return null;
        KernelResult result = _background.Result;
        _background = null;
        return result;
    }

    // A thread of its own: it may wait as long as a user keeps the device open.
    private Task<KernelResult> Start(string alias, string driver) =>
        Task.Factory.StartNew(() => Rebind(alias, driver), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private string DeviceFolder(string alias) => $"/sys/bus/pci/devices/{machine.AddressOf(alias)}";

    private static KernelResult Done(KernelResult written) => written.IsError ? written : KernelResult.Success;

    private static string LastName(string path) => path[(path.LastIndexOf('/') + 1)..];
}
