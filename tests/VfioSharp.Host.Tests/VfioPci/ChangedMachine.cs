// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using VfioSharp.Devices;
using VfioSharp.Host.Machines;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>The x86 machine with something about it changed.</summary>
internal static class ChangedMachine
{
    public const string Net = "0000:05:00.0";

    /// <summary>The machine's file as changed.</summary>
    public static MachineDescription With(Action<JsonNode> change)
    {
        JsonNode machine = JsonNode.Parse(File.ReadAllText(DeviceSession.MachineFilePath))!;
        change(machine);
        return MachineFile.Parse(Encoding.UTF8.GetBytes(machine.ToJsonString()), "changed x86.json", DeviceCatalog.Default);
    }

    /// <summary>The machine with one device changed.</summary>
    public static MachineDescription With(string address, Action<JsonNode> change) =>
        With(machine => change(machine["devices"]!.AsArray().First(device => (string?)device!["address"] == address)!));

    /// <summary>Changes a device's configuration bytes.</summary>
    public static void Patch(JsonNode device, int offset, params ReadOnlySpan<byte> bytes)
    {
        byte[] config = Convert.FromHexString((string)device["config"]!);
        if (config.Length < offset + bytes.Length) Array.Resize(ref config, offset + bytes.Length);
        bytes.CopyTo(config.AsSpan(offset));
        device["config"] = Convert.ToHexString(config);
    }

    /// <summary>Puts a capability at the head of a device's list.</summary>
    public static void AddCapability(JsonNode device, int offset, byte id, params ReadOnlySpan<byte> rest)
    {
        byte first = Convert.FromHexString((string)device["config"]!)[0x34];
        Patch(device, 0x34, (byte)offset);
        Patch(device, offset, [id, first, .. rest]);
    }

    /// <summary>A list of tags for vital product data: a name, and the end.</summary>
    public static string ProductData(string name)
    {
        var image = new byte[name.Length + 4];
        image[0] = 0x82;
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(1), (ushort)name.Length);
        Encoding.ASCII.GetBytes(name, image.AsSpan(3));
        image[^1] = 0x78;
        return Convert.ToHexString(image);
    }
}
