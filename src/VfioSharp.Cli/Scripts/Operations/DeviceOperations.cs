// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>What a device is and has, its interrupts, resets and features.</summary>
internal static class DeviceOperations
{
    // Room behind a structure for what the host appends.
    private const int Room = 4096;

    private const int FeatureLimit = 2048;
    private const int IrqDataLimit = 8000;
    private const int DependentLimit = 64;

    private static readonly Dictionary<string, uint> IrqFlags = new()
    {
        ["none"] = VfioIrqSetFlags.DataNone,
        ["bool"] = VfioIrqSetFlags.DataBool,
        ["eventfd"] = VfioIrqSetFlags.DataEventfd,
        ["mask"] = VfioIrqSetFlags.ActionMask,
        ["unmask"] = VfioIrqSetFlags.ActionUnmask,
        ["trigger"] = VfioIrqSetFlags.ActionTrigger,
    };

    private static readonly Dictionary<string, uint> FeatureFlags = new()
    {
        ["get"] = VfioDeviceFeatureFlags.Get,
        ["set"] = VfioDeviceFeatureFlags.Set,
        ["probe"] = VfioDeviceFeatureFlags.Probe,
    };

    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("dev_info", ShowDevice);
        operations.Add("region", ShowRegion);
        operations.Add("irq_info", ShowIrq);
        operations.Add("set_irqs", SetIrqs);
        operations.Add("reset", context => context.Report(context.Ioctl(VfioIoctl.DeviceReset)));
        operations.Add("hot_info", ShowDependents);
        operations.Add("hot_reset", HotReset);
        operations.Add("feature", Feature);
        operations.Add("ioeventfd", IoEvent);
    }

    private static void ShowDevice(ScriptContext context)
    {
        uint minimum = (uint)Unsafe.SizeOf<VfioDeviceInfo>();
        uint asked = context.Option32("argsz", minimum);
        VfioDeviceInfo info = new() { Argsz = asked };
        KernelResult result = context.IoctlWithRoom(VfioIoctl.DeviceGetInfo, ref info, Room);
        if (AsksForMore(context, result, info.Argsz, minimum, Room))
        {
            asked = info.Argsz;
            info = new VfioDeviceInfo { Argsz = asked };
            result = context.IoctlWithRoom(VfioIoctl.DeviceGetInfo, ref info, Room);
        }

        context.Report(result);
        context.Output.Changed(result, "argsz", asked, info.Argsz);
        context.Output.Changed(result, "flags", 0, info.Flags);
        context.Output.Changed(result, "regions", 0, info.NumRegions);
        context.Output.Changed(result, "irqs", 0, info.NumIrqs);
        context.Output.Changed(result, "cap_offset", 0, info.CapOffset);
        if (result.IsSuccess)
            CapabilityChain.Print(context.Output, context.Scratch.ReadBuffer(Room), info.CapOffset, CapabilityOwner.Device);
    }

    private static void ShowRegion(ScriptContext context)
    {
        uint minimum = (uint)Unsafe.SizeOf<VfioRegionInfo>();
        uint asked = context.Option32("argsz", minimum), index = (uint)context.Number(1), flags = context.Option32("flags", 0);
        VfioRegionInfo info = new() { Argsz = asked, Index = index, Flags = flags };
        KernelResult result = context.IoctlWithRoom(VfioIoctl.DeviceGetRegionInfo, ref info, Room);
        if (AsksForMore(context, result, info.Argsz, minimum, Room))
        {
            asked = info.Argsz;
            info = new VfioRegionInfo { Argsz = asked, Index = index };
            result = context.IoctlWithRoom(VfioIoctl.DeviceGetRegionInfo, ref info, Room);
        }

        context.Report(result);
        context.Output.Changed(result, "argsz", asked, info.Argsz);
        context.Output.Changed(result, "flags", flags, info.Flags);
        context.Output.Changed(result, "size", 0, info.Size);
        context.Output.Changed(result, "offset", 0, info.Offset);
        context.Output.Changed(result, "cap_offset", 0, info.CapOffset);
        if (result.IsSuccess)
            CapabilityChain.Print(context.Output, context.Scratch.ReadBuffer(Room), info.CapOffset, CapabilityOwner.Region);
    }

    /// <summary>Whether an info call without a size of its own has to be made again with the size returned.</summary>
    internal static bool AsksForMore(ScriptContext context, KernelResult result, uint returned, uint minimum, uint room) =>
        context.Option("argsz") is null && result.IsSuccess && returned > minimum && returned <= room;

    private static void ShowIrq(ScriptContext context)
    {
        VfioIrqInfo info = new() { Argsz = context.Option32("argsz", (uint)Unsafe.SizeOf<VfioIrqInfo>()), Index = (uint)context.Number(1) };
        KernelResult result = context.Ioctl(VfioIoctl.DeviceGetIrqInfo, ref info);
        context.Report(result);
        context.Output.Changed(result, "flags", 0, info.Flags);
        context.Output.Changed(result, "count", 0, info.Count);
    }

    private static void SetIrqs(ScriptContext context)
    {
        int header = Unsafe.SizeOf<VfioIrqSet>();
        byte[] bytes = new byte[header + 8192];
        int length = 0;
        bool descriptors = context.Option("fds") is not null;
        foreach (string word in Words(context.Option("fds") ?? context.Option("bools")))
        {
            if (length >= IrqDataLimit) break;
            if (descriptors)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(header + length), context.Descriptor(word));
                length += sizeof(int);
            }
            else
            {
                bytes[header + length++] = (byte)context.Evaluate(word);
            }
        }

        VfioIrqSet set = new()
        {
            Argsz = context.Option32("argsz", (uint)(header + length)),
            Flags = context.Flags(context.Text(2), IrqFlags),
            Index = (uint)context.Number(1),
            Start = (uint)context.Number(3),
            Count = (uint)context.Number(4),
        };
        MemoryMarshal.Write(bytes, set);
        context.Report(context.Scratch.Ioctl(context.Descriptor(0), VfioIoctl.DeviceSetIrqs, bytes.AsSpan()));
    }

    private static void ShowDependents(ScriptContext context)
    {
        int header = Unsafe.SizeOf<VfioPciHotResetInfo>(), entry = Unsafe.SizeOf<VfioPciDependentDevice>();
        VfioPciHotResetInfo info = new() { Argsz = context.Option32("argsz", (uint)(header + DependentLimit * entry)) };
        KernelResult result = context.IoctlWithRoom(VfioIoctl.DeviceGetPciHotResetInfo, ref info, Room);
        context.Report(result);
        context.Output.Changed(result, "flags", 0, info.Flags);
        context.Output.Changed(result, "count", 0, info.Count);
        if (result.IsError) return;

        byte[] bytes = context.Scratch.ReadBuffer(Room);
        for (int i = 0; i < info.Count && i < DependentLimit; i++)
        {
            VfioPciDependentDevice device = MemoryMarshal.Read<VfioPciDependentDevice>(bytes.AsSpan(header + i * entry));
            PciAddress address = new(device.Segment, device.Bus, (byte)(device.Devfn >> 3), (byte)(device.Devfn & 7));
            context.Output.Append($"\n  dev {context.Machine.AliasOf(address)}");
            context.Output.Append((info.Flags & VfioPciHotResetFlags.DevId) != 0
                ? $" devid=0x{ScriptOutput.Hex(device.Devid)}"
                : $" group={context.HostSide.GroupAlias(device.GroupId)}");
        }
    }

    private static void HotReset(ScriptContext context)
    {
        int header = Unsafe.SizeOf<VfioPciHotReset>();
        byte[] bytes = new byte[Room];
        uint count = 0;
        foreach (string word in Words(context.Option("fds")).Take(DependentLimit))
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(header + sizeof(int) * (int)count++), context.Descriptor(word));

        VfioPciHotReset reset = new()
        {
            Argsz = context.Option32("argsz", (uint)header + sizeof(int) * count),
            Flags = context.Option32("flags", 0),
            Count = context.Option32("count", count),
        };
        MemoryMarshal.Write(bytes, reset);
        context.Report(context.Scratch.Ioctl(context.Descriptor(0), VfioIoctl.DevicePciHotReset, bytes.AsSpan()));
    }

    private static void Feature(ScriptContext context)
    {
        int header = Unsafe.SizeOf<VfioDeviceFeature>();
        byte[] bytes = new byte[Room];
        int length = Hexadecimal.Read(context.Option("data"), bytes.AsSpan(header, FeatureLimit));
        length = (int)Math.Min(context.Option("len", (ulong)length), FeatureLimit);
        VfioDeviceFeature feature = new()
        {
            Argsz = context.Option32("argsz", (uint)(header + length)),
            Flags = context.Flags(context.Text(1), FeatureFlags),
        };
        MemoryMarshal.Write(bytes, feature);
        byte[] before = bytes[header..(header + length)];
        KernelResult result = context.Scratch.Ioctl(context.Descriptor(0), VfioIoctl.DeviceFeature, bytes.AsSpan());
        FileOperations.ReportFile(context, result, result.Value > 0);
        ReadOnlySpan<byte> after = bytes.AsSpan(header, length);
        if (!after.SequenceEqual(before)) context.Output.Bytes("data", after);
    }

    private static void IoEvent(ScriptContext context)
    {
        VfioDeviceIoeventfd argument = new()
        {
            Argsz = context.Option32("argsz", (uint)Unsafe.SizeOf<VfioDeviceIoeventfd>()),
            Flags = (uint)context.Number(1),
            Offset = ScriptContext.RegionOffset(context.Number(2), context.Number(3)),
            Data = context.Number(4),
            Fd = context.Descriptor(5),
            Reserved = context.Option32("reserved", 0),
        };
        context.Report(context.Ioctl(VfioIoctl.DeviceIoeventfd, ref argument));
    }

    private static string[] Words(string? list) => list?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
