// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using VfioSharp.Devices;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Host.Tests.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Fuzz;

/// <summary>
/// The fuzz run over configuration, regions and interrupts of every device of the x86 machine that vfio-pci takes,
/// virtual functions too; <see cref="FuzzSettings"/> says how long.
/// </summary>
[Collection(nameof(Alone))]
public sealed class DeviceFuzzTests(ITestOutputHelper output)
{
    private const string PhysicalFunction = "0000:07:00.0";

    [Fact]
    public void Random_calls_on_every_device_escape_nothing_and_leak_nothing()
    {
        long liveBefore = MemoryBacking.LiveBytes;
        int seed = FuzzSettings.Seed();
        output.WriteLine($"device fuzz: seed {seed}, {FuzzSettings.Calls} calls (VFIOSHARP_FUZZ_SEED={seed} repeats it)");
        using (var host = new SoftwareHost(new X86Platform(MachineFile.Load(DeviceSession.MachineFilePath), DeviceCatalog.Default)))
        {
            var refusals = new RefusalLog();
            PciFunction[] devices = GiveToVfio(host);

            // The machine's endpoints, and two virtual functions.
            Assert.Equal(host.Platform.Functions.Count(IsEndpoint), devices.Length);
            Assert.Equal(2, devices.Count(device => device.PhysicalFunction is not null));
            long calls = 0;
            ulong signals = 0;
            for (int i = 0; i < devices.Length; i++)
            {
                (long made, ulong found, IReadOnlyList<WeakReference> events) = Fuzz(host, devices[i], unchecked(seed + i), FuzzSettings.Calls / devices.Length, refusals);
                AssertCollected(events, devices[i]);
                (calls, signals) = (calls + made, signals + found);
            }

            refusals.Report(output.WriteLine, "VfioPci");
            output.WriteLine($"device fuzz: {calls} calls on {devices.Length} devices, {signals} signals; nothing escaped, nothing left over");
        }

        Assert.Equal(liveBefore, MemoryBacking.LiveBytes);
    }

    // In a frame of its own, so that nothing here keeps what the host should have let go.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private (long Calls, ulong Signals, IReadOnlyList<WeakReference> Events) Fuzz(SoftwareHost host, PciFunction device, int seed, long calls, RefusalLog refusals)
    {
        int group = host.Platform.Groups.Single(candidate => candidate.Functions.Contains(device)).Id;
        var fuzzer = new DeviceFuzzer(host, device, seed, refusals);
        KernelResult opened = fuzzer.Open(group);
        Assert.True(opened.IsSuccess, $"{device.Address}: {opened}");
        fuzzer.Run(calls);
        output.WriteLine($"{device.Address} {device.Alias,-8} {fuzzer.Config}, {fuzzer.Regions}, {fuzzer.Irqs}, {fuzzer.Others}; {fuzzer.Signals} signals");
        Assert.True(fuzzer.Config.SomeSucceeded && fuzzer.Irqs.SomeSucceeded, $"{device.Address}: no call went through");
        Assert.True(fuzzer.Regions.SomeSucceeded || !fuzzer.HasRegions, $"{device.Address}: no region was reached");

        // With everything open and set, as a kill ends it.
        fuzzer.Process.Dispose();
        Assert.Equal(0, fuzzer.Process.OpenDescriptors);
        Assert.Equal(0, fuzzer.Process.Caller.Registered.Count);
        Assert.Equal(0, fuzzer.Process.Caller.Locked.Pages);

        // The next user finds the device whole: it opens, and its messages go nowhere.
        Assert.Null(device.InterruptSink);
        var next = new DeviceFuzzer(host, device, seed, refusals);
        KernelResult again = next.Open(group);
        next.Process.Dispose();
        Assert.True(again.IsSuccess, $"{device.Address}: {again}");
        return (fuzzer.Calls, fuzzer.Signals, fuzzer.Events);
    }

    // An eventfd that the host still refers to is one that Linux would not have freed.
    private static void AssertCollected(IReadOnlyList<WeakReference> events, PciFunction device)
    {
        bool areGone = SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return events.All(reference => !reference.IsAlive);
            },
            TimeSpan.FromSeconds(30));
        Assert.True(areGone, $"{device.Address}: {events.Count(reference => reference.IsAlive)} of {events.Count} eventfds are still referred to");
    }

    private static PciFunction[] GiveToVfio(SoftwareHost host)
    {
        foreach (PciFunction function in host.Platform.Functions.ToArray())
        {
            string address = function.Address.ToString();
            if (host.Platform.InitialDriver(function) is { } driver)
            {
                if (driver == "vfio-pci") continue;
                Assert.True(host.Sysfs.WriteText($"/sys/bus/pci/drivers/{driver}/unbind", address).IsSuccess, address);
            }

            Assert.True(host.Sysfs.WriteText($"/sys/bus/pci/devices/{address}/driver_override", "vfio-pci\n").IsSuccess, address);
            KernelResult probed = host.Sysfs.WriteText("/sys/bus/pci/drivers_probe", address);
            Assert.Equal(IsEndpoint(function) ? Errno.None : Errno.EINVAL, probed.Errno);
        }

        Assert.True(host.Sysfs.WriteText("/sys/module/vfio_pci/parameters/enable_sriov", "Y\n").IsSuccess);
        Assert.True(host.Sysfs.WriteText($"/sys/bus/pci/devices/{PhysicalFunction}/sriov_numvfs", "2").IsSuccess);
        return [.. host.Platform.Functions.Where(IsEndpoint)];
    }

    // vfio-pci takes no bridges.
    private static bool IsEndpoint(PciFunction function) => (function.ReadConfig(0x0e, 1) & 0x7f) == 0;
}
