// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Iommu;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.Iommu;

[Collection(nameof(Alone))]
public sealed class DmaConcurrencyTests
{
    private const ulong Page = Type1Session.Page;
    private const int Rounds = 3000;

    [Fact]
    public void No_DMA_reaches_memory_once_unmap_has_returned()
    {
        using var session = new Type1Session();
        IDmaPort dma = session.Function.Dma!;
        long accesses = 0;
        bool stop = false;
        Thread[] devices = [.. Enumerable.Range(0, 2).Select(i => new Thread(() =>
        {
            var bytes = new byte[3 * Page];
            for (byte value = 1; !Volatile.Read(ref stop); value++)
            {
                bytes.AsSpan().Fill(value);
                dma.Write(new Iova(0x10000), bytes);
                dma.Read(new Iova(0x10000), bytes);
                Interlocked.Increment(ref accesses);
            }
        }))];
        foreach (Thread device in devices) device.Start();
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                ulong memory = session.Anonymous(3 * Page);
                Assert.Equal(KernelResult.Success, session.Map(memory, 0x10000, Page));
                Assert.Equal(KernelResult.Success, session.Map(memory + Page, 0x11000, 2 * Page));
                Assert.Equal(KernelResult.Success, session.Unmap(0x10000, 3 * Page));
                session.Process.Load(memory, 8, out ulong first);
                Thread.Yield();
                session.Process.Load(memory, 8, out ulong second);
                Assert.Equal(first, second);

                // The last reference: from here on an access would be to freed memory.
                session.Process.Unmap(memory, 3 * Page);
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            foreach (Thread device in devices) device.Join();
        }

        Assert.True(Interlocked.Read(ref accesses) > 0);
        Assert.Equal(0, session.Process.Caller.Locked.Pages);
    }

    [Fact]
    public void Leaving_the_container_ends_DMA()
    {
        using var session = new Type1Session();
        IDmaPort dma = session.Function.Dma!;
        ulong memory = session.Anonymous(Page);
        bool stop = false;
        var device = new Thread(() =>
        {
            while (!Volatile.Read(ref stop)) dma.Write(new Iova(0x10000), [1, 2, 3, 4]);
        });
        device.Start();
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                Assert.Equal(KernelResult.Success, session.Map(memory, 0x10000, Page));
                Assert.Equal(KernelResult.Success, session.Process.Ioctl(session.Group, VfioIoctl.GroupUnsetContainer, 0));
                session.Process.Store(memory, 4, 0);
                Thread.Yield();
                session.Process.Load(memory, 4, out ulong value);
                Assert.Equal(0UL, value);
                Assert.Equal(KernelResult.Success, session.SetContainer(session.Group));
                Assert.Equal(KernelResult.Success, session.Process.Ioctl(session.Container, VfioIoctl.SetIommu, 3));
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            device.Join();
        }
    }
}
