// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp;

/// <summary>A device that a hot reset resets.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Group">Number of its group, which has to be owned for the reset.</param>
public readonly record struct DependentDevice(PciAddress Address, int Group);

/// <summary>DEVICE_GET_PCI_HOT_RESET_INFO and DEVICE_PCI_HOT_RESET in the ABI's structs.</summary>
internal static class HotResets
{
    internal static KernelResult GetInfo(KernelFile device, out IReadOnlyList<DependentDevice> devices)
    {
        devices = [];
        int header = Unsafe.SizeOf<VfioPciHotResetInfo>();
        byte[] answer = new byte[header];
        while (true)
        {
            ref VfioPciHotResetInfo info = ref MemoryMarshal.AsRef<VfioPciHotResetInfo>(answer.AsSpan());
            info.Argsz = (uint)answer.Length;
            KernelResult result = device.Ioctl(VfioIoctl.DeviceGetPciHotResetInfo, answer);
            int needed = header + (int)(Math.Min(info.Count, ushort.MaxValue) * Unsafe.SizeOf<VfioPciDependentDevice>());

            // ENOSPC tells how many there are; with a hot-plug in between it is asked again.
            if (result.Errno == Errno.ENOSPC && needed > answer.Length)
            {
                answer = new byte[needed];
                continue;
            }

            if (result.IsError) return result;
            ReadOnlySpan<VfioPciDependentDevice> found = MemoryMarshal.Cast<byte, VfioPciDependentDevice>(answer.AsSpan(header))[..(int)info.Count];
            var list = new List<DependentDevice>(found.Length);
            foreach (VfioPciDependentDevice one in found)
            {
                var address = new PciAddress(one.Segment, one.Bus, (byte)(one.Devfn >> 3), (byte)(one.Devfn & 7));
                list.Add(new DependentDevice(address, (int)one.GroupId));
            }

            devices = list;
            return result;
        }
    }

    internal static KernelResult Reset(KernelFile device, ReadOnlySpan<int> groups)
    {
        int header = Unsafe.SizeOf<VfioPciHotReset>();
        byte[] argument = new byte[header + (groups.Length * sizeof(int))];
        var reset = new VfioPciHotReset { Argsz = (uint)argument.Length, Count = (uint)groups.Length };
        MemoryMarshal.Write(argument, in reset);
        MemoryMarshal.AsBytes(groups).CopyTo(argument.AsSpan(header));
        return device.Ioctl(VfioIoctl.DevicePciHotReset, argument);
    }
}
