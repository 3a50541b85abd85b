// SPDX-License-Identifier: MIT
using System.Diagnostics;
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Containers;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;
using VfioSharp.Samples;

namespace VfioSharp.Cli.Demo;

/// <summary>
/// The main job, start to end, on any kernel that has an edu device. Each step checks what it got; the first that goes
/// wrong ends the run. What is done depends on the kernel's IOMMU.
/// </summary>
internal abstract class DemoRun : IDisposable
{
    protected const int TransferSize = EduDriver.BufferSize;
    protected const ulong BufferSize = 2 * TransferSize;
    private const uint Number = 10, FactorialOfNumber = 3_628_800;

    private readonly Action<DemoStep> _done;
    private readonly Stack<IDisposable> _opened = new();
    private int _steps;

    /// <param name="kernel">What to run on; it stays the caller's.</param>
    /// <param name="done">Told of each step.</param>
    protected DemoRun(IVfioKernel kernel, Action<DemoStep> done)
    {
        Kernel = kernel;
        _done = done;
    }

    /// <summary>What the demo runs on.</summary>
    protected IVfioKernel Kernel { get; }

    /// <summary>The demo for a kernel's IOMMU.</summary>
    /// <param name="kernel">What to run on; it stays the caller's.</param>
    /// <param name="done">Told of each step.</param>
    /// <param name="lockedBytes">The process's locked memory, where it can be asked for.</param>
    internal static DemoRun Create(IVfioKernel kernel, Action<DemoStep> done, Func<ulong>? lockedBytes)
    {
        using VfioContainer container = VfioContainer.Open(kernel);
        return container.Supports((uint)IommuType.SpaprTceV2) ? new SpaprDemo(kernel, done, lockedBytes) : new Type1Demo(kernel, done);
    }

    /// <summary>Runs every step; false when one went wrong.</summary>
    internal abstract bool Run();

    /// <summary>What a step came to: whether it is what it should be, the text, more lines.</summary>
    protected readonly record struct Outcome(bool Ok, string Text, params string[] Details);

    /// <summary>Closes all, youngest first.</summary>
    public void Dispose() => CloseAll();

    /// <summary>Closes all, youngest first.</summary>
    protected void CloseAll()
    {
        while (_opened.TryPop(out IDisposable? opened)) opened.Dispose();
    }

    protected Outcome Find(out PciAddress address)
    {
        address = EduFinder.Find(Kernel, out string? driver) ?? throw new DemoException($"the {Kernel.Name} has no device 1234:11e8 (edu)");
        return new(driver == "vfio-pci", $"edu ({EduDriver.VendorId:x4}:{EduDriver.DeviceId:x4}) is {address}, host driver {driver ?? "none"}");
    }

    protected Outcome OpenGroup(PciAddress address, out VfioGroup group)
    {
        group = Keep(VfioGroup.Open(Kernel, address));
        GroupViability viability = group.ExplainViability();
        return new(viability.IsViable, $"/dev/vfio/{group.Number}: {(viability.IsViable ? "VIABLE" : "not viable")}, devices: {string.Join(", ", viability.Members)}");
    }

    protected Outcome OpenDevice(VfioGroup group, PciAddress address, out VfioDevice device)
    {
        device = Keep(group.OpenDevice(address));
        InterruptInfo intx = device.GetInterruptInfo(VfioPciIrqIndex.Intx);
        return new(
            device.Config.VendorId == EduDriver.VendorId && device.Config.DeviceId == EduDriver.DeviceId && intx.Count == 1,
            $"GET_DEVICE_FD {address}: {device.RegionCount} regions, {device.InterruptCount} interrupts, INTx {(intx.IsAutomasked ? "masks itself" : "free")}");
    }

    protected Outcome StartDriver(VfioDevice device, out EduDriver edu)
    {
        edu = Keep(new EduDriver(device));
        uint identification = edu.Identify();
        uint complement = edu.Complement(0x12345678);
        return new(
            identification == EduDriver.Identification && complement == ~0x12345678u,
            $"BAR 0 mapped: identification 0x{identification:x8}, liveness of 0x12345678 is 0x{complement:x8}");
    }

    protected static Outcome ReadMemory(EduDriver edu, DmaBuffer source)
    {
        // From the middle of a page: the transfer crosses into the next one.
        edu.ReadMemory(source.Iova + 0x800, TransferSize);
        return new(true, $"edu read {TransferSize} bytes from iova {source.Iova + 0x800} into its buffer");
    }

    protected static Outcome WriteMemory(EduDriver edu, DmaBuffer source, DmaBuffer destination)
    {
        edu.WriteMemory(destination.Iova + 0x100, TransferSize);
        byte[] sent = new byte[TransferSize], arrived = new byte[TransferSize], around = new byte[2];
        source.Read(0x800, sent);
        destination.Read(0x100, arrived);
        destination.Read(0xff, around.AsSpan(0, 1));
        destination.Read(0x100 + TransferSize, around.AsSpan(1, 1));
        bool equal = sent.AsSpan().SequenceEqual(arrived) && around is [0, 0];
        return new(equal, $"edu wrote them to iova {destination.Iova + 0x100}: {(equal ? "equal, and nothing beside them changed" : "they differ")}");
    }

    protected static Outcome Compute(EduDriver edu)
    {
        int before = edu.Interrupts;
        uint factorial = edu.ComputeFactorial(Number);
        int interrupts = edu.Interrupts - before;
        return new(
            factorial == FactorialOfNumber && interrupts == 1,
            $"INTx through an eventfd: {Number}! = {factorial}, {interrupts} interrupt, acknowledged and unmasked");
    }

    protected Outcome Refuse(VfioContainer container, Iova iova, ulong size, Errno expected, string why)
    {
        KernelResult allocated = Kernel.AllocateMemory(size, out VfioMapping? memory);
        if (allocated.IsError) throw new DemoException($"no memory of 0x{size:x} bytes: {allocated}");
        using (memory)
        {
            try
            {
                container.MapDma(iova, memory!, DmaAccess.ReadWrite).Dispose();
                return new(false, $"MAP_DMA at iova {iova}, which {why}, was not refused");
            }
            catch (VfioException refusal)
            {
                return new(
                    refusal.Errno == expected,
                    $"MAP_DMA at iova {iova}, which {why}: {refusal.Errno}",
                    $"reason: {refusal.Reason}",
                    $"remedy: {refusal.Remedy}");
            }
        }
    }

    /// <summary>A bitmap of page sizes as a person says it: 4 KiB, 2 MiB, 1 GiB.</summary>
    protected static string DescribePages(ulong bitmap) => string.Join(", ", Enumerable.Range(0, 64)
        .Where(bit => (bitmap >> bit & 1) != 0)
        .Select(bit => $"{1 << (bit % 10)} {(bit / 10) switch { 0 => "B", 1 => "KiB", 2 => "MiB", 3 => "GiB", 4 => "TiB", _ => "PiB" }}"));

    protected T Keep<T>(T opened)
        where T : IDisposable
    {
        _opened.Push(opened);
        return opened;
    }

    protected bool Step(string name, Func<Outcome> act)
    {
        long start = Stopwatch.GetTimestamp();
        Outcome outcome;
        try
        {
            outcome = act();
        }
        catch (Exception failure) when (failure is VfioException or DeviceAssignmentException or DemoException or TimeoutException or InvalidOperationException)
        {
            outcome = new(false, failure.Message);
        }

        double milliseconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 3);
        _done(new DemoStep(++_steps, name, outcome.Text, outcome.Details, outcome.Ok, milliseconds));
        return outcome.Ok;
    }
}
