// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Machines;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>Each oddity of sPAPR: what Linux answers, and what its documentation promises.</summary>
[Collection(nameof(Alone))]
public sealed class SpaprFidelityTests
{
    private const ulong Chunk = 0x10000;

    [Theory]
    [InlineData(PowerMachine.PowerNv)]
    [InlineData(PowerMachine.Pseries)]
    public void BadTceRangeReturnsOne(string machine)
    {
        foreach ((Fidelity fidelity, long expected) in Both(Fidelity.BadTceRangeReturnsOne, 1, -(long)Errno.EINVAL))
        {
            using var session = new SpaprSession(machine, fidelity: fidelity);
            ulong memory = session.Registered(Chunk), end = session.Info().Dma32WindowSize;
            Assert.Equal(expected, session.Map(memory, 0x800, Chunk).RawValue);
            Assert.Equal(expected, session.Unmap(0x800, Chunk).RawValue);
            Assert.Equal(expected, session.Unmap(end - Chunk, 2 * Chunk).RawValue);
            Assert.Equal(0ul, session.Window.Contents!.CountEntries(session.Window.Entries));
        }
    }

    [Fact]
    public void PartialRegisterReturnsCount()
    {
        foreach ((Fidelity fidelity, long expected) in Both(Fidelity.PartialRegisterReturnsCount, 3, -(long)Errno.EFAULT))
        {
            using var session = new SpaprSession(PowerMachine.PowerNv, fidelity: fidelity);
            ulong memory = session.Anonymous(8 * Chunk);
            session.Process.Unmap(memory + (3 * Chunk), Chunk);
            Assert.Equal(expected, session.Register(memory, 8 * Chunk).RawValue);
            Assert.Equal((0, 0), (session.Caller.Registered.Count, session.Caller.Locked.Pages));
        }
    }

    [Fact]
    public void UnregisterInUseSucceeds()
    {
        foreach ((Fidelity fidelity, long expected) in Both(Fidelity.UnregisterInUseSucceeds, 0, -(long)Errno.EBUSY))
        {
            using var session = new SpaprSession(PowerMachine.Pseries, fidelity: fidelity);
            ulong memory = session.Registered(Chunk);
            Assert.Equal(KernelResult.Success, session.Map(memory, 0, Chunk));
            long locked = session.Caller.Locked.Pages;
            Assert.Equal(expected, session.Unregister(memory, Chunk).RawValue);

            // Pinned and charged either way; unregistered it cannot be again where the container forgot it.
            Assert.Equal((1, locked), (session.Caller.Registered.Count, session.Caller.Locked.Pages));
            Assert.Equal(KernelResult.Success, session.Unmap(0, Chunk));
            Assert.Equal(expected == 0 ? -(long)Errno.ENOENT : 0, session.Unregister(memory, Chunk).RawValue);
            Assert.Equal(expected == 0 ? 1 : 0, session.Caller.Registered.Count);
        }
    }

    [Fact]
    public void FailedCreateKeepsCharge()
    {
        // More than one block of the page allocator: refused after it was charged.
        foreach ((Fidelity fidelity, bool isKept) in Both(Fidelity.FailedCreateKeepsCharge, true, false))
        {
            using var session = new SpaprSession(PowerMachine.PowerNv, fidelity: fidelity);
            Assert.Equal(KernelResult.Success, session.Remove(0));
            Assert.Equal(Errno.ENOMEM, session.Create(16, 1UL << 40, 1, out _).Errno);
            long charge = (long)(session.Endpoint.GetTableSize(16, 1UL << 40, 1) / session.Page);
            Assert.Equal(isKept ? charge : 0, session.Caller.Locked.Pages);
        }
    }

    [Fact]
    public void Version1PinsForWriting()
    {
        foreach ((Fidelity fidelity, long expected) in Both(Fidelity.Version1PinsForWriting, -(long)Errno.EFAULT, 0))
        {
            using var session = new SpaprSession(PowerMachine.PowerNv, VfioExtension.SpaprTce, fidelity);
            session.Ready(Chunk, isV2: false);
            ulong readOnly = session.Anonymous(Chunk, MemoryProtection.Read);
            Assert.Equal(expected, session.Map(readOnly, 0, Chunk, VfioDmaMapFlags.Read).RawValue);
            Assert.Equal(-(long)Errno.EFAULT, session.Map(readOnly, 0, Chunk).RawValue);
        }
    }

    [Fact]
    public void FailedCreateMarksEndpoint()
    {
        foreach ((Fidelity fidelity, long expected) in Both(Fidelity.FailedCreateMarksEndpoint, -(long)Errno.ENODEV, 0))
        {
            using var session = new SpaprSession(PowerMachine.Pseries, fidelity: fidelity);
            Assert.Equal(Errno.ENODEV, session.Create(12, 1UL << 48, 1, out _).Errno);
            Assert.Equal(expected, session.Create(16, 1UL << 32, 1, out _).RawValue);
        }
    }

    [Fact]
    public void HypercallStatusIsErrno()
    {
        foreach ((Fidelity fidelity, long expected) in Both(Fidelity.HypercallStatusIsErrno, -(long)Errno.EINTR, -(long)Errno.EINVAL))
        {
            // Version 1 under a hypervisor: the first page alone is checked by the kernel, the next one by H_PUT_TCE.
            using var session = new SpaprSession(PowerMachine.Pseries, VfioExtension.SpaprTce, fidelity);
            ulong memory = session.Ready(2 * Chunk, isV2: false), end = session.Info().Dma32WindowSize;
            Assert.Equal(expected, session.Map(memory, end - Chunk, 2 * Chunk).RawValue);
            Assert.Equal(0, session.Platform.Memory.Count);
        }
    }

    [Fact]
    public void EehPassesForAType()
    {
        foreach ((Fidelity fidelity, long expected) in Both(Fidelity.EehPassesForAType, -(long)Errno.EINVAL, -(long)Errno.ENODEV))
        {
            using var session = new SpaprSession(PowerMachine.PowerNv, fidelity: fidelity);
            int container = session.OpenContainer();
            Assert.Equal(KernelResult.Success, session.SetContainer(session.OpenGroup("edu1"), container));
            Assert.Equal(1, session.Process.Ioctl(container, VfioIoctl.CheckExtension, VfioExtension.Eeh).RawValue);
            Assert.Equal(expected, session.Process.Ioctl(container, VfioIoctl.SetIommu, VfioExtension.Eeh).RawValue);
        }
    }

    [Fact]
    public void RegisterNothingIsNoMemory()
    {
        foreach ((Fidelity fidelity, long expected) in Both(Fidelity.RegisterNothingIsNoMemory, -(long)Errno.ENOMEM, -(long)Errno.EINVAL))
        {
            using var session = new SpaprSession(PowerMachine.PowerNv, fidelity: fidelity);
            Assert.Equal(expected, session.Register(session.Anonymous(Chunk), 0).RawValue);
            Assert.Equal(0, session.Caller.Locked.Pages);
        }
    }

    [Fact]
    public void MixedPagesCountAsHuge()
    {
        foreach ((Fidelity fidelity, long expected) in Both(Fidelity.MixedPagesCountAsHuge, 0, -(long)Errno.EINVAL))
        {
            const ulong Huge = 2 << 20;
            using var session = new SpaprSession(PowerMachine.Load(PowerMachine.PowerNvSmallPages, machine => machine["hugePages"] = 64), fidelity: fidelity);

            // Aligned memory leaves a gap of its alignment above it, which memory of that size fills in the end.
            session.Process.MapAnonymous(Huge, Huge, MemoryProtection.ReadWrite, MemoryKind.Private);
            ulong memory = session.Anonymous(Huge, kind: MemoryKind.Huge), small;
            do small = (ulong)session.Process.MapAnonymous(Huge, 4096, MemoryProtection.ReadWrite, MemoryKind.Private).Value;
            while (small > memory + Huge);
            Assert.Equal(memory + Huge, small);
            Assert.Equal(KernelResult.Success, session.Register(memory, 2 * Huge));
            Assert.Equal(KernelResult.Success, session.Create(16, 1UL << 30, 1, out ulong start));
            Assert.Equal(expected, session.Map(memory, start, Chunk).RawValue);
            Assert.Equal(expected == 0 ? -(long)Errno.EPERM : expected, session.Map(small, start, Chunk).RawValue);
        }
    }

    [Fact]
    public void HugestPageSizeIsLost()
    {
        foreach ((Fidelity fidelity, ulong expected) in Both(Fidelity.HugestPageSizeIsLost, 0ul, 1ul << 34))
        {
            using var session = new SpaprSession(Firmware("0x400011000"), fidelity: fidelity);
            Assert.Equal(0x11000 | expected, session.Info().Ddw.Pgsizes);
            Assert.Equal(expected == 0 ? Errno.EINVAL : Errno.None, session.Create(34, 1UL << 40, 1, out _).Errno);
        }
    }

    [Fact]
    public void NoWindowCallsIsMinusOneWindow()
    {
        foreach ((Fidelity fidelity, uint expected) in Both(Fidelity.NoWindowCallsIsMinusOneWindow, uint.MaxValue, 1u))
        {
            using var session = new SpaprSession(PowerMachine.Load(PowerMachine.Pseries, machine => PowerMachine.Bridge(machine, 0).Remove("ibm,ddw-applicable")), fidelity: fidelity);
            VfioIommuSpaprTceDdwInfo info = session.Info().Ddw;
            Assert.Equal((expected, expected == 1 ? 1u : 0u), (info.MaxDynamicWindowsSupported, info.Levels));
        }
    }

    [Fact]
    public void ManyLevelsCostFourGigabytes()
    {
        foreach ((Fidelity fidelity, long expected) in Both(Fidelity.ManyLevelsCostFourGigabytes, -(long)Errno.ENOMEM, -(long)Errno.EINVAL))
        {
            using var session = new SpaprSession(PowerMachine.Pseries, fidelity: fidelity);
            Assert.Equal(KernelResult.Success, session.Remove(0));
            session.Process.Limits.Drop((int)Capability.IpcLock);
            Assert.Equal(KernelResult.Success, session.Process.Limits.SetMemlock(1UL << 31));
            Assert.Equal(expected, session.Create(16, 1UL << 32, 2, out _).RawValue);
            Assert.Equal(0, session.Caller.Locked.Pages);
        }
    }

    [Fact]
    public void Each_oddity_of_sPAPR_has_its_test()
    {
        Fidelity[] others = [Fidelity.Documented, Fidelity.Linux, Fidelity.DirtyBitmapKeepsShiftedBits, Fidelity.UnmapAllPassesForAType, Fidelity.FailedProbeIsInvalid];
        foreach (Fidelity oddity in Enum.GetValues<Fidelity>().Except(others)) Assert.NotNull(typeof(SpaprFidelityTests).GetMethod(oddity.ToString()));
    }

    private static MachineDescription Firmware(string pageSizes) => PowerMachine.Load(PowerMachine.Pseries, machine => machine["firmwarePageSizes"] = pageSizes);

    // All of Linux with what that answers, all but the oddity, and nothing odd at all.
    private static (Fidelity Fidelity, T Expected)[] Both<T>(Fidelity oddity, T linux, T documented) =>
        [(Fidelity.Linux, linux), (oddity, linux), (Fidelity.Linux & ~oddity, documented), (Fidelity.Documented, documented)];
}
