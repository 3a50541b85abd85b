// SPDX-License-Identifier: MIT
// Tries the driver: "dotnet run --project samples/EduDriver" on the software host; with the address of an edu device
// that is bound to vfio-pci ("… -- 0000:00:03.0") on the real kernel. Nothing else differs.
using VfioSharp;
using VfioSharp.Devices;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;
using VfioSharp.Samples;

bool real = args.Length > 0;
if (!PciAddress.TryParse(real ? args[0] : "0000:03:00.0", out PciAddress address))
{
    Console.Error.WriteLine($"EduDriver: '{args[0]}' is no PCI address\nremedy: write it in full, as in 0000:00:03.0");
    return 2;
}

using SoftwareHost? host = real ? null : new SoftwareHost(new X86Platform(
    MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "x86.json")), DeviceCatalog.Default));
using IVfioKernel kernel = host is null ? new LinuxKernel() : new SoftwareKernel(host);
try
{
    using VfioContainer container = VfioContainer.Open(kernel);
    using VfioGroup group = VfioGroup.Open(kernel, address);
    container.AddGroup(group);
    container.SetIommu();
    using VfioDevice device = group.OpenDevice(address);
    using EduDriver edu = new(device, mapRegisters: args is not [_, "--pread"]);
    using DmaBuffer buffer = container.AllocateDma(new Iova(0x100000), 0x2000, DmaAccess.ReadWrite);

    Console.WriteLine($"{device} on {kernel.Name}: identification 0x{edu.Identify():x8}, 12! = {edu.ComputeFactorial(12)}");
    buffer.Write(0, "carried by DMA"u8);
    edu.ReadMemory(buffer.Iova, 14);
    edu.WriteMemory(buffer.Iova + 0x1000, 14);
    byte[] back = new byte[14];
    buffer.Read(0x1000, back);
    Console.WriteLine($"\"{System.Text.Encoding.ASCII.GetString(back)}\" and back, {edu.Interrupts} interrupts");
    return 0;
}
catch (VfioException refusal)
{
    Console.Error.WriteLine($"EduDriver: {refusal.Message}");
    return 1;
}
