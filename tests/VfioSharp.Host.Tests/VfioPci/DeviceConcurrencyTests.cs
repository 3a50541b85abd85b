// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>
/// Eight threads on one device. VFIOSHARP_STRESS_SECONDS says for how long (3; the long form is 60). A thread that
/// does not come back is a deadlock, and the message says what each thread was at.
/// </summary>
[Collection(nameof(Alone))]
public sealed class DeviceConcurrencyTests
{
    private const ulong Page = 4096;
    private const uint Set = VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger;
    private const uint Off = VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger;

    [Fact]
    public void Eight_threads_on_one_device_neither_deadlock_nor_tear_its_state()
    {
        int seconds = int.TryParse(Environment.GetEnvironmentVariable("VFIOSHARP_STRESS_SECONDS"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : 3;
        using var session = new DeviceSession("edu0");
        bool stop = false;
        Exception? escaped = null;
        Action<Worker>[] work = [Information, Decoding, Decoding, MappedLoads, MappedLoads, Interrupts, Interrupts, Resets];
        Worker[] workers = [.. work.Select(_ => new Worker(session))];
        Thread[] threads = [.. work.Select((step, i) => new Thread(() =>
        {
            try
            {
                while (!Volatile.Read(ref stop)) step(workers[i]);
            }
            catch (Exception problem)
            {
                Interlocked.CompareExchange(ref escaped, problem, null);
                Volatile.Write(ref stop, true);
            }
        }) { IsBackground = true })];
        foreach (Thread thread in threads) thread.Start();
        for (int tenths = 0; tenths < seconds * 10 && !Volatile.Read(ref stop); tenths++) Thread.Sleep(100);
        Volatile.Write(ref stop, true);
        bool allBack = threads.All(thread => thread.Join(TimeSpan.FromSeconds(20)));
        Assert.True(allBack, "deadlock:\n" + string.Join('\n', workers.Select((worker, i) => $"  thread {i}: {worker.Doing}, {worker.Calls} calls")));
        Assert.Null(escaped);
        foreach (Worker worker in workers) Assert.True(worker.Calls > 0, worker.Doing);
        AssertWorks(session);
    }

    // Nothing of the storm is left: registers answer, an interrupt arrives, and only once.
    private static void AssertWorks(DeviceSession session)
    {
        foreach (uint index in new[] { VfioPciIrqIndex.Intx, VfioPciIrqIndex.Msi }) session.SetIrqs(index, Off, 0, 0);
        session.Write16(DeviceSession.Config + 4, 6);
        Assert.True(session.Process.Ioctl(session.Device, VfioIoctl.DeviceReset, 0).IsSuccess);
        session.Write16(DeviceSession.Config + 4, 6);
        Assert.Equal(0x010000edu, session.Read32(0));
        int e = session.Event();
        KernelResult enabled = session.SetIrqs(VfioPciIrqIndex.Msi, Set, 0, 1, e);
        Assert.True(enabled.IsSuccess, enabled.ToString());
        session.Write32(0x60, 1);
        Assert.Equal(1UL, session.Take(e));
    }

    private static void Information(Worker worker)
    {
        worker.Put(new VfioRegionInfo { Argsz = 32, Index = 0 });
        worker.Expect("GET_REGION_INFO", worker.Ioctl(VfioIoctl.DeviceGetRegionInfo));
        worker.Put(new VfioIrqInfo { Argsz = 16, Index = VfioPciIrqIndex.Msi });
        worker.Expect("GET_IRQ_INFO", worker.Ioctl(VfioIoctl.DeviceGetIrqInfo));

        // Read whole, the ids are whole whatever else goes on.
        worker.Expect("read of the ids", worker.Read(DeviceSession.Config, 4));
        Assert.Equal(0x11e81234u, worker.Word);
    }

    // Memory decoding on and off. COMMAND never shows what nobody wrote.
    private static void Decoding(Worker worker)
    {
        worker.Write("COMMAND", DeviceSession.Config + 4, 2, worker.Calls % 3 == 0 ? 0u : 6u);
        worker.Expect("read of COMMAND", worker.Read(DeviceSession.Config + 4, 2));
        Assert.True((worker.Word & 0xffff) is 0 or 2 or 6 or 7 or 4 or 0x400 or 0x402 or 0x406, $"COMMAND is 0x{worker.Word & 0xffff:x}");
    }

    // A load gives the register or SIGBUS, never anything between.
    private static void MappedLoads(Worker worker)
    {
        worker.Doing = "mmap";
        KernelResult mapped = worker.Session.Process.MapFile(worker.Session.Device, 0, Page, MemoryProtection.ReadWrite, shared: true);
        worker.Expect("mmap", mapped);
        for (int i = 0; i < 20; i++)
        {
            worker.Doing = "load";
            MemoryFault fault = worker.Session.Process.Load((ulong)mapped.Value, 4, out ulong value);
            Assert.True(fault == MemoryFault.Bus || (fault == MemoryFault.None && value == 0x010000ed), $"{fault}, 0x{value:x}");
        }

        worker.Expect("munmap", worker.Session.Process.Unmap((ulong)mapped.Value, Page));
    }

    // INTx and MSI turned on and off by two threads: one is refused when the other one's kind is on.
    private static void Interrupts(Worker worker)
    {
        foreach (uint index in new[] { VfioPciIrqIndex.Intx, VfioPciIrqIndex.Msi })
        {
            worker.SetIrqs(index, Set, 1, worker.Event);
            worker.Doing = "raise";
            worker.Session.Function.WriteBar(0, 0x60, 4, 1);
            worker.Session.Function.WriteBar(0, 0x64, 4, 1);
            worker.SetIrqs(VfioPciIrqIndex.Intx, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionUnmask, 1);
            worker.SetIrqs(index, Off, 0);
        }
    }

    private static void Resets(Worker worker)
    {
        worker.Expect("DEVICE_RESET", worker.Ioctl(VfioIoctl.DeviceReset, 0));
        Thread.Sleep(1);
    }

    /// <summary>One thread: its own memory for arguments, and what it is at.</summary>
    private sealed class Worker(DeviceSession session)
    {
        private readonly ulong _argument = (ulong)session.Process.MapAnonymous(Page, Page, MemoryProtection.ReadWrite, MemoryKind.Private).Value;

        public DeviceSession Session => session;

        public int Event { get; } = session.Event();

        public string Doing { get; set; } = "nothing yet";

        public long Calls { get; private set; }

        public uint Word
        {
            get
            {
                uint word = 0;
                session.Process.Memory.TryRead(_argument, MemoryMarshal.AsBytes(new Span<uint>(ref word)));
                return word;
            }
        }

        public void Put<T>(T value)
            where T : unmanaged => session.Process.Memory.TryWrite(_argument, MemoryMarshal.AsBytes(new Span<T>(ref value)));

        public KernelResult Ioctl(uint request) => Ioctl(request, _argument);

        public KernelResult Ioctl(uint request, ulong argument)
        {
            Doing = $"ioctl 0x{request:x}";
            Calls++;
            return session.Process.Ioctl(session.Device, request, argument);
        }

        public KernelResult Read(ulong offset, ulong count)
        {
            Doing = $"read at 0x{offset:x}";
            Calls++;
            return session.Process.Read(session.Device, _argument, count, offset);
        }

        public void Write(string what, ulong offset, ulong count, uint value)
        {
            Doing = "write of " + what;
            Calls++;
            Put(value);
            Expect(what, session.Process.Write(session.Device, _argument, count, offset));
        }

        public void SetIrqs(uint index, uint flags, uint count, params int[] descriptors)
        {
            Put(new VfioIrqSet { Argsz = 20 + (4 * (uint)descriptors.Length), Flags = flags, Index = index, Count = count });
            session.Process.Memory.TryWrite(_argument + 20, MemoryMarshal.AsBytes(descriptors.AsSpan()));
            KernelResult result = Ioctl(VfioIoctl.DeviceSetIrqs);
            Assert.True(result.IsSuccess || result.Errno is Linux.Errno.EINVAL or Linux.Errno.EBUSY, result.ToString());
        }

        public void Expect(string what, KernelResult result)
        {
            Calls++;
            Assert.True(result.IsSuccess, what + ": " + result);
        }
    }
}
