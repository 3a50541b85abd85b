// SPDX-License-Identifier: MIT
// A guest with a host device, on the software host: "dotnet run --project samples/TinyMonitor".
using System.Text;
using VfioSharp.Devices;
using VfioSharp.Guest;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Pci;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Samples;

using var host = new SoftwareHost(new X86Platform(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "x86.json")), DeviceCatalog.Default));
using var kernel = new SoftwareKernel(host); // On real hardware: new LinuxKernel().

// The machine: a megabyte of memory, and a PCI bus whose BARs appear beside it.
var topology = new MemoryTopology();
var system = new ContainerRegion(topology, "system", ulong.MaxValue);
kernel.AllocateMemory(0x100000, out VfioMapping? ram);
system.Add(new RamRegion(topology, "ram", ram!), 0);
using var memory = new GuestAddressSpace(topology, system);
using var events = new EventLoop(kernel, new Lock());
var board = new Board();
var bus = new GuestPciBus("pci.0", system, new ContainerRegion(topology, "ports", 0x10000), memory, board, events);
using var hostDevices = new HostDevices(kernel, memory);
var devices = new AssignedDevices(hostDevices, board);
AssignedPciDevice edu = devices.Add("vfio-pci,host=3:0.0,id=edu0", bus);
bus.Reset();
Console.WriteLine(edu.Describe());

// What the guest's firmware and driver do: place the BAR, then DMA into the device and back, with an interrupt each.
const ulong bar = 0xe0000000, buffer = 0x40000;
bus.WriteConfig(edu.Function, 0x10, 4, (uint)bar);
bus.WriteConfig(edu.Function, 0x04, 2, 6);
memory.Write(new GuestPhysicalAddress(0x1000), "carried by DMA"u8);
Transfer(from: 0x1000, to: buffer, command: 1 | 4);
Transfer(from: buffer, to: 0x2000, command: 1 | 2 | 4);
byte[] back = new byte[14];
memory.Read(new GuestPhysicalAddress(0x2000), back);
Console.WriteLine($"\"{Encoding.ASCII.GetString(back)}\" and back, {board.Interrupts} interrupts");
devices.Remove("edu0");
return 0;

void Transfer(ulong from, ulong to, ulong command)
{
    int before = board.Interrupts;
    Store(0x80, from);
    Store(0x88, to);
    Store(0x90, 14);
    Store(0x98, command);
    while (board.Interrupts == before) events.RunPending(Timeout.InfiniteTimeSpan);
    Store(0x64, 0x100, width: 4);
}

void Store(ulong register, ulong value, int width = 8) => memory.Store(new GuestPhysicalAddress(bar + register), width, value);
