// SPDX-License-Identifier: MIT
using VfioSharp.Devices.Edu;
using VfioSharp.Devices.Ram;
using VfioSharp.Devices.Snapshots;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;

namespace VfioSharp.Devices;

/// <summary>The device models of this library.</summary>
public sealed class DeviceCatalog : IDeviceCatalog
{
    private readonly TimeProvider _time;

    /// <summary>A catalog whose devices take their time from <paramref name="time"/>.</summary>
    public DeviceCatalog(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
    }

    /// <summary>The catalog on the system's clock.</summary>
    public static DeviceCatalog Default { get; } = new(TimeProvider.System);

    /// <inheritdoc/>
    public IReadOnlyList<string> Models { get; } = ["edu", "ram", "snapshot"];

    /// <inheritdoc/>
    public PciFunction? Create(DeviceDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        return description.Model switch
        {
            "edu" => new EduDevice(description, description.Platform == PlatformKind.X86 ? EduOptions.X86 : EduOptions.Power, _time),
            "ram" => new RamDevice(description),
            "snapshot" => new SnapshotDevice(description),
            _ => null,
        };
    }
}
