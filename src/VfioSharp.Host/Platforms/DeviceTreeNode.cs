// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Platforms;

/// <summary>A node of the device tree: properties by name, as bytes, big-endian. Changed under the lock of whoever has the endpoint.</summary>
internal sealed class DeviceTreeNode(string name, IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> properties)
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _properties = new(properties);

    /// <summary>The node's name.</summary>
    public string Name { get; } = name;

    /// <summary>A property's bytes, or null (of_find_property).</summary>
    public ReadOnlyMemory<byte>? Find(string property) => _properties.TryGetValue(property, out ReadOnlyMemory<byte> value) ? value : default(ReadOnlyMemory<byte>?);

    /// <summary>Whether there is such a property.</summary>
    public bool Has(string property) => _properties.ContainsKey(property);

    /// <summary>Adds a property; one that is there stays (of_add_property).</summary>
    public void Add(string property, ReadOnlyMemory<byte> value) => _properties.TryAdd(property, value);

    /// <summary>Removes a property (of_remove_property).</summary>
    public void Remove(string property) => _properties.Remove(property);

    /// <summary>A 32-bit cell of a property (of_property_read_u32_index): EINVAL none, ENODATA empty, EOVERFLOW too short.</summary>
    public KernelResult ReadCell(string property, int index, out uint value)
    {
        value = 0;
        if (Find(property) is not { } bytes) return KernelResult.Fail(Errno.EINVAL, $"{Name} has no property {property}");
        if (bytes.IsEmpty) return KernelResult.Fail(Errno.ENODATA, $"{Name}: property {property} is empty");
        if (bytes.Length < (index + 1) * 4) return KernelResult.Fail(Errno.EOVERFLOW, $"{Name}: property {property} has {bytes.Length / 4} cell(s), no cell {index}");
        value = BinaryPrimitives.ReadUInt32BigEndian(bytes.Span[(index * 4)..]);
        return KernelResult.Success;
    }
}
