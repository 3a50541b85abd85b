// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;
using VfioSharp.Samples;

namespace VfioSharp.Cli.Demo;

/// <summary>
/// On POWER: registered memory, DMA through the default window and through a dynamic one, refusals, what counts as locked
/// memory, a freeze of the endpoint and its recovery.
/// </summary>
internal sealed class SpaprDemo(IVfioKernel kernel, Action<DemoStep> done, Func<ulong>? lockedBytes) : DemoRun(kernel, done)
{
    private const string FreezeFile = "/sys/kernel/debug/vfiosharp/freeze";
    private const ulong WindowPage = 0x1000, WindowSize = 1UL << 30;

    private static readonly Iova s_source = new(0x100000), s_destination = new(0x200000);

    private ulong _lockedAtStart;
    private bool _handlesErrors = true;

    // Whole pages of the host: only such can be registered.
    private ulong RegisteredSize => ((2UL * BufferSize) + (ulong)Kernel.PageSize - 1) & ~((ulong)Kernel.PageSize - 1);

    /// <inheritdoc/>
    internal override bool Run()
    {
        PciAddress address = default;
        VfioGroup group = null!;
        VfioContainer container = null!;
        VfioDevice device = null!;
        EduDriver edu = null!;
        RegisteredMemory memory = null!;
        DmaWindow window = null!;
        _lockedAtStart = lockedBytes?.Invoke() ?? 0;
        return
            Step("find", () => Find(out address)) &&
            Step("group", () => OpenGroup(address, out group)) &&
            Step("container", () => OpenContainer(group, out container)) &&
            Step("device", () => OpenDevice(group, address, out device)) &&
            Step("registers", () => StartDriver(device, out edu)) &&
            Step("interrupt", () => Compute(edu)) &&
            Step("REGISTER", () => Register(container, out memory)) &&
            Step("MAP_DMA", () => Map(container, memory, s_source, s_destination, "the default window")) &&
            Step("DMA", () => CopyByDma(edu, memory, s_source, s_destination)) &&
            Step("CREATE", () => CreateWindow(container, out window)) &&
            Step("MAP_DMA", () => Map(container, memory, window.Start, window.Start + 0x100000, "the dynamic window")) &&
            Step("DMA", () => CopyByDma(edu, memory, window.Start, window.Start + 0x100000)) &&
            Step("refusal", () => Refuse(container, s_source + 0x10000, WindowPage, Errno.EINVAL, "names memory that is not registered")) &&
            Step("refusal", () => RefuseOutside(container, memory)) &&
            Step("refusal", () => RefuseWindow(container)) &&
            Step("freeze", () => Freeze(container, address, edu)) &&
            (!_handlesErrors || Step("recovery", () => Recover(container, device, ref edu, memory))) &&
            Step("end", End);
    }

    private Outcome OpenContainer(VfioGroup group, out VfioContainer container)
    {
        container = Keep(VfioContainer.Open(Kernel));
        container.AddGroup(group);
        container.SetIommu();
        if (container.Spapr is not { } spapr) return new(false, $"the IOMMU is {container.IommuType}, not sPAPR TCE");
        SpaprInfo info = spapr.GetInfo();
        return new(
            container.IommuType == IommuType.SpaprTceV2 && info.DefaultWindowSize != 0 && info.MaxWindows > 1,
            "/dev/vfio/vfio: SET_CONTAINER, SET_IOMMU sPAPR TCE v2",
            $"default window {info.DefaultWindowStart}+0x{info.DefaultWindowSize:x}; up to {info.MaxWindows} windows of {info.MaxLevels} level(s), pages of {DescribePages(info.PageSizes)}");
    }

    private Outcome Register(VfioContainer container, out RegisteredMemory memory)
    {
        KernelResult allocated = Kernel.AllocateMemory(RegisteredSize, out VfioMapping? mapping);
        if (allocated.IsError) throw new DemoException($"no memory of 0x{RegisteredSize:x} bytes: {allocated}");
        Keep(mapping!);
        byte[] pattern = new byte[BufferSize];
        for (int i = 0; i < pattern.Length; i++) pattern[i] = (byte)((i * 7) + (i >> 8));
        mapping!.Write(0, pattern);
        memory = Keep(container.Spapr!.RegisterMemory(mapping));
        return new(Locked() is not { } locked || locked == RegisteredSize, $"0x{RegisteredSize:x} bytes pinned{SayLocked("the memory")}");
    }

    private Outcome Map(VfioContainer container, RegisteredMemory memory, Iova source, Iova destination, string where)
    {
        ulong? before = Locked();
        Keep(container.MapDma(source, memory.Address, BufferSize, DmaAccess.Read));
        Keep(container.MapDma(destination, memory.Address + BufferSize, BufferSize, DmaAccess.ReadWrite));
        ulong? table = Locked() - before;
        string made = table is > 0 ? $"; the first use made the window, and its table of 0x{table:x} bytes counts as locked memory" : "";
        return new(true, $"0x{BufferSize:x} bytes at iova {source} (device reads), 0x{BufferSize:x} at {destination}, in {where}{made}");
    }

    private static Outcome CopyByDma(EduDriver edu, RegisteredMemory memory, Iova source, Iova destination)
    {
        // From the middle of a page: each transfer crosses into the next one.
        VfioMapping bytes = memory.Memory!;
        bytes.Write(BufferSize, new byte[BufferSize]);
        edu.ReadMemory(source + 0x800, TransferSize);
        edu.WriteMemory(destination + 0x100, TransferSize);
        byte[] sent = new byte[TransferSize], arrived = new byte[TransferSize];
        bytes.Read(0x800, sent);
        bytes.Read(BufferSize + 0x100, arrived);
        bool equal = sent.AsSpan().SequenceEqual(arrived);
        return new(equal, $"edu read {TransferSize} bytes from iova {source + 0x800} and wrote them to {destination + 0x100}: {(equal ? "equal" : "they differ")}");
    }

    private Outcome CreateWindow(VfioContainer container, out DmaWindow window)
    {
        window = Keep(container.Spapr!.CreateWindow(WindowPage, WindowSize));
        return new(window.Start.Value >= 1UL << 32, $"a window of 0x{WindowSize:x} bytes in pages of 0x{WindowPage:x} begins at {window.Start}{SayLocked("with both tables")}");
    }

    private static Outcome RefuseOutside(VfioContainer container, RegisteredMemory memory) => Refused(
        () => container.MapDma(new Iova(1UL << 40), memory.Address, WindowPage, DmaAccess.Read), Errno.ENXIO, "MAP_DMA at iova 0x10000000000, which is in no window");

    private static Outcome RefuseWindow(VfioContainer container) => Refused(
        () => container.Spapr!.CreateWindow(WindowPage, WindowSize), Errno.ENOSPC, "CREATE of a third window");

    private Outcome Freeze(VfioContainer container, PciAddress address, EduDriver edu)
    {
        SpaprErrorHandling errors = container.Spapr!.ErrorHandling;
        try
        {
            errors.Enable();
        }
        catch (VfioException refusal) when (refusal.Errno == Errno.ENODEV)
        {
            _handlesErrors = false;
            return new(true, "errors of this endpoint are not handled: none is tried", $"reason: {refusal.Reason}");
        }

        KernelResult frozen = Kernel.WriteText(FreezeFile, $"{address} 3");
        if (frozen.IsError) throw new DemoException($"the endpoint was not frozen: {frozen}");
        uint register = edu.Identify();
        EndpointState state = errors.GetState();

        // QEMU's PowerNV machine, which some machine files play, stops DMA but not accesses to registers.
        bool isCutOff = register == uint.MaxValue;
        return new(
            (isCutOff || register == EduDriver.Identification) && state == EndpointState.Stopped,
            $"an error: the hardware cuts {(isCutOff ? "the endpoint" : "the endpoint's DMA")} off; a register reads 0x{register:x8}, GET_STATE says {state}");
    }

    private Outcome Recover(VfioContainer container, VfioDevice device, ref EduDriver edu, RegisteredMemory memory)
    {
        SpaprErrorHandling errors = container.Spapr!.ErrorHandling;
        errors.Reset();
        EndpointState state = errors.GetState();

        // The reset cleared what the driver had set: it begins anew. The windows are as before.
        edu.Dispose();
        edu = Keep(new EduDriver(device));
        uint identification = edu.Identify();
        Outcome dma = CopyByDma(edu, memory, s_source, s_destination);
        return new(
            state == EndpointState.Normal && identification == EduDriver.Identification && dma.Ok,
            $"reset, its end, CONFIGURE: GET_STATE says {state}, identification 0x{identification:x8}, and {dma.Text}");
    }

    private Outcome End()
    {
        CloseAll();
        return new(Locked() is not { } locked || locked == 0, $"everything is closed{SayLocked("nothing left over")}");
    }

    private ulong? Locked() => lockedBytes?.Invoke() - _lockedAtStart;

    private string SayLocked(string what) =>
        Locked() is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"; locked memory 0x{bytes:x} bytes, {what}") : "";

    private static Outcome Refused(Func<IDisposable> ask, Errno expected, string what)
    {
        try
        {
            ask().Dispose();
            return new(false, $"{what}, was not refused");
        }
        catch (VfioException refusal)
        {
            return new(refusal.Errno == expected, $"{what}: {refusal.Errno}", $"reason: {refusal.Reason}", $"remedy: {refusal.Remedy ?? "none"}");
        }
    }
}
