// SPDX-License-Identifier: MIT
using System.Diagnostics;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;
using VfioSharp.Samples;

namespace VfioSharp.Cli.Demo;

/// <summary>
/// The main job, start to end, on any kernel that has an edu device: group, container, device, DMA both ways, an
/// interrupt, and three refusals. Each step checks what it got; the first that goes wrong ends the run.
/// </summary>
internal sealed class DemoRun : IDisposable
{
    private const int TransferSize = EduDriver.BufferSize;
    private const ulong BufferSize = 2 * TransferSize;
    private const uint Number = 10, FactorialOfNumber = 3_628_800;

    // Two IOVAs in the 28 bits that edu drives, and one in the window that x86 keeps for MSIs.
    private static readonly Iova s_source = new(0x100000), s_destination = new(0x200000), s_msiWindow = new(0xfee00000);

    private readonly IVfioKernel _kernel;
    private readonly Action<DemoStep> _done;
    private readonly Stack<IDisposable> _opened = new();
    private int _steps;

    /// <param name="kernel">What to run on; it stays the caller's.</param>
    /// <param name="done">Told of each step.</param>
    internal DemoRun(IVfioKernel kernel, Action<DemoStep> done)
    {
        _kernel = kernel;
        _done = done;
    }

    /// <summary>What a step came to: whether it is what it should be, the text, more lines.</summary>
    private readonly record struct Outcome(bool Ok, string Text, params string[] Details);

    /// <summary>Runs every step; false when one went wrong.</summary>
    internal bool Run()
    {
        PciAddress address = default;
        VfioGroup group = null!;
        VfioContainer container = null!;
        VfioDevice device = null!;
        EduDriver edu = null!;
        DmaBuffer source = null!, destination = null!;
        return
            Step("find", () => Find(out address)) &&
            Step("group", () => OpenGroup(address, out group)) &&
            Step("container", () => OpenContainer(group, out container)) &&
            Step("device", () => OpenDevice(group, address, out device)) &&
            Step("registers", () => StartDriver(device, out edu)) &&
            Step("MAP_DMA", () => MapBuffers(container, out source, out destination)) &&
            Step("DMA read", () => ReadMemory(edu, source)) &&
            Step("DMA write", () => WriteMemory(edu, source, destination)) &&
            Step("interrupt", () => Compute(edu)) &&
            Step("refusal", () => Refuse(container, s_source + 0x1000, 0x1000, Errno.EEXIST, "overlaps the first buffer")) &&
            Step("refusal", () => Refuse(container, new Iova(0x300800), 0x1000, Errno.EINVAL, "is not on a page boundary")) &&
            Step("refusal", () => Refuse(container, s_msiWindow, 0x1000, Errno.EINVAL, "lies in the MSI window")) &&
            Step("UNMAP_DMA", () => Unmap(container));
    }

    /// <summary>Closes all, youngest first.</summary>
    public void Dispose()
    {
        while (_opened.TryPop(out IDisposable? opened)) opened.Dispose();
    }

    private Outcome Find(out PciAddress address)
    {
        address = EduFinder.Find(_kernel, out string? driver) ?? throw new DemoException($"the {_kernel.Name} has no device 1234:11e8 (edu)");
        return new(driver == "vfio-pci", $"edu ({EduDriver.VendorId:x4}:{EduDriver.DeviceId:x4}) is {address}, host driver {driver ?? "none"}");
    }

    private Outcome OpenGroup(PciAddress address, out VfioGroup group)
    {
        group = Keep(VfioGroup.Open(_kernel, address));
        GroupViability viability = group.ExplainViability();
        return new(viability.IsViable, $"/dev/vfio/{group.Number}: {(viability.IsViable ? "VIABLE" : "not viable")}, devices: {string.Join(", ", viability.Members)}");
    }

    private Outcome OpenContainer(VfioGroup group, out VfioContainer container)
    {
        container = Keep(VfioContainer.Open(_kernel));
        container.AddGroup(group);
        container.SetIommu();
        IommuInfo info = container.GetInfo();
        return new(
            group.IsInContainer && container.IommuType == IommuType.Type1V2 && info.SmallestPageSize > 0,
            $"/dev/vfio/vfio: SET_CONTAINER, SET_IOMMU TYPE1v2",
            $"pages of {DescribePages(info.PageSizes)}; IOVAs {string.Join(" and ", info.IovaRanges)}; {info.AvailableMappings} mappings left");
    }

    private Outcome OpenDevice(VfioGroup group, PciAddress address, out VfioDevice device)
    {
        device = Keep(group.OpenDevice(address));
        InterruptInfo intx = device.GetInterruptInfo(VfioPciIrqIndex.Intx);
        return new(
            device.Config.VendorId == EduDriver.VendorId && device.Config.DeviceId == EduDriver.DeviceId && intx.Count == 1,
            $"GET_DEVICE_FD {address}: {device.RegionCount} regions, {device.InterruptCount} interrupts, INTx {(intx.IsAutomasked ? "masks itself" : "free")}");
    }

    private Outcome StartDriver(VfioDevice device, out EduDriver edu)
    {
        edu = Keep(new EduDriver(device));
        uint identification = edu.Identify();
        uint complement = edu.Complement(0x12345678);
        return new(
            identification == EduDriver.Identification && complement == ~0x12345678u,
            $"BAR 0 mapped: identification 0x{identification:x8}, liveness of 0x12345678 is 0x{complement:x8}");
    }

    private Outcome MapBuffers(VfioContainer container, out DmaBuffer source, out DmaBuffer destination)
    {
        source = Keep(container.AllocateDma(s_source, BufferSize, DmaAccess.Read));
        destination = Keep(container.AllocateDma(s_destination, BufferSize, DmaAccess.ReadWrite));
        byte[] pattern = new byte[BufferSize];
        for (int i = 0; i < pattern.Length; i++) pattern[i] = (byte)((i * 7) + (i >> 8));
        source.Write(0, pattern);
        return new(true, $"0x{BufferSize:x} bytes at iova {s_source} (device reads), 0x{BufferSize:x} at {s_destination} (device reads and writes)");
    }

    private static Outcome ReadMemory(EduDriver edu, DmaBuffer source)
    {
        // From the middle of a page: the transfer crosses into the next one.
        edu.ReadMemory(source.Iova + 0x800, TransferSize);
        return new(true, $"edu read {TransferSize} bytes from iova {source.Iova + 0x800} into its buffer");
    }

    private static Outcome WriteMemory(EduDriver edu, DmaBuffer source, DmaBuffer destination)
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

    private static Outcome Compute(EduDriver edu)
    {
        int before = edu.Interrupts;
        uint factorial = edu.ComputeFactorial(Number);
        int interrupts = edu.Interrupts - before;
        return new(
            factorial == FactorialOfNumber && interrupts == 1,
            $"INTx through an eventfd: {Number}! = {factorial}, {interrupts} interrupt, acknowledged and unmasked");
    }

    private Outcome Refuse(VfioContainer container, Iova iova, ulong size, Errno expected, string why)
    {
        KernelResult allocated = _kernel.AllocateMemory(size, out VfioMapping? memory);
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

    private static Outcome Unmap(VfioContainer container)
    {
        ulong unmapped = container.UnmapAll();
        uint? left = container.GetInfo().AvailableMappings;
        return new(unmapped == 2 * BufferSize, $"ALL: 0x{unmapped:x} bytes, {left} mappings left");
    }

    /// <summary>A bitmap of page sizes as a person says it: 4 KiB, 2 MiB, 1 GiB.</summary>
    private static string DescribePages(ulong bitmap) => string.Join(", ", Enumerable.Range(0, 64)
        .Where(bit => (bitmap >> bit & 1) != 0)
        .Select(bit => $"{1 << (bit % 10)} {(bit / 10) switch { 0 => "B", 1 => "KiB", 2 => "MiB", 3 => "GiB", 4 => "TiB", _ => "PiB" }}"));

    private T Keep<T>(T opened)
        where T : IDisposable
    {
        _opened.Push(opened);
        return opened;
    }

    private bool Step(string name, Func<Outcome> act)
    {
        long start = Stopwatch.GetTimestamp();
        Outcome outcome;
        try
        {
            outcome = act();
        }
        catch (Exception failure) when (failure is VfioException or DemoException or TimeoutException or InvalidOperationException)
        {
            outcome = new(false, failure.Message);
        }

        double milliseconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 3);
        _done(new DemoStep(++_steps, name, outcome.Text, outcome.Details, outcome.Ok, milliseconds));
        return outcome.Ok;
    }
}
