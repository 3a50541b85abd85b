// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests.Memory;

public sealed class GuestAddressSpaceTests : IDisposable
{
    private readonly GuestMachine _machine = new();

    [Fact]
    public void Store_is_read_back_across_two_regions()
    {
        _machine.AddRam(0x1000, 0x1000);
        _machine.AddRam(0x2000, 0x1000);
        Assert.Equal(MemoryAccessResult.Done, _machine.Memory.Store(At(0x1ffc), 8, 0x1122334455667788));
        Assert.Equal(MemoryAccessResult.Done, _machine.Memory.Load(At(0x2000), 4, out ulong high));
        Assert.Equal(0x11223344UL, high);
    }

    [Fact]
    public void Memory_in_a_memfd_is_shared_with_who_has_the_descriptor()
    {
        using var kernel = new LinuxKernel();
        Assert.False(MemoryFile.Create("guest", 0x2000, out SafeDescriptor? file).IsError);
        using SafeDescriptor owned = file!;
        Assert.True(kernel.Map(file!.Number, 0, 0x2000, MemoryProtection.ReadWrite, out VfioMapping? mine).IsSuccess);
        Assert.True(kernel.Map(file.Number, 0, 0x2000, MemoryProtection.ReadWrite, out VfioMapping? theirs).IsSuccess);
        _machine.Root.Add(new RamRegion(_machine.Topology, "ram", mine!), 0x4000);
        _machine.Memory.Store(At(0x5008), 8, 0x1234_5678_9abc);
        Assert.Equal(MemoryFault.None, theirs!.Load(0x1008, 8, out ulong value));
        Assert.Equal(0x1234_5678_9abcUL, value);
        theirs.Dispose();
        mine!.Dispose();
    }

    [Fact]
    public void Load_where_nothing_is_is_not_mapped() =>
        Assert.Equal(MemoryAccessResult.NotMapped, _machine.Memory.Load(At(0x5000), 4, out _));

    [Fact]
    public void Store_to_read_only_memory_is_not_allowed_and_changes_nothing()
    {
        _machine.AddRam(0, 0x1000, isReadOnly: true);
        Assert.Equal(MemoryAccessResult.NotAllowed, _machine.Memory.Store(At(8), 4, 1));
        Assert.Equal(MemoryAccessResult.Done, _machine.Memory.Load(At(8), 4, out ulong value));
        Assert.Equal(0UL, value);
    }

    [Theory]
    [InlineData(4, 4, new[] { 4 })]
    [InlineData(8, 8, new[] { 8 })]
    [InlineData(2, 4, new[] { 2, 2 })]
    [InlineData(1, 8, new[] { 1, 2, 4, 1 })]
    public void Access_to_registers_has_its_width_or_is_cut_where_it_is_not_aligned(ulong offset, int width, int[] expected)
    {
        var registers = new RecordingRegisters();
        _machine.Root.Add(new MmioRegion(_machine.Topology, "registers", 0x100, registers), 0x1000);
        _machine.Memory.Store(At(0x1000 + offset), width, ulong.MaxValue);
        Assert.Equal(expected, registers.Widths);
    }

    [Fact]
    public void Access_through_a_guest_iommu_goes_where_its_entry_says()
    {
        _machine.AddRam(0, 0x10000);
        var window = new TestWindow(_machine.Topology, 0x4000, _machine.Memory);
        var bus = new ContainerRegion(_machine.Topology, "bus", ulong.MaxValue);
        bus.Add(window, 0x8000_0000);
        using var dma = new GuestAddressSpace(_machine.Topology, bus);
        window.Set(0x1000, 0x5000, DmaAccess.Write);
        Assert.Equal(MemoryAccessResult.Done, dma.Store(At(0x8000_1010), 4, 0xabcd));
        Assert.Equal(MemoryAccessResult.NotAllowed, dma.Load(At(0x8000_1010), 4, out _));
        Assert.Equal(MemoryAccessResult.NotMapped, dma.Store(At(0x8000_0000), 4, 0));
        _machine.Memory.Load(At(0x5010), 4, out ulong value);
        Assert.Equal(0xabcdUL, value);
    }

    [Fact]
    public void Changes_of_a_transaction_take_effect_at_its_end()
    {
        RamRegion ram = _machine.AddRam(0, 0x1000);
        var listener = new RecordingListener();
        _machine.Memory.AddListener(listener);
        listener.Clear();
        using (_machine.Topology.Change())
        {
            using (_machine.Topology.Change()) ram.IsEnabled = false;
            Assert.Equal(MemoryAccessResult.Done, _machine.Memory.Load(At(0), 4, out _));
            ram.IsEnabled = true;
        }

        Assert.Empty(listener.Removed);
        Assert.Empty(listener.Added);
    }

    [Fact]
    public void Readers_see_the_view_before_or_after_a_transaction_and_never_one_between()
    {
        const int Changes = 2000;
        RamRegion[] banks = [_machine.AddRam(0, 0x1000), _machine.AddRam(0, 0x1000)];
        for (int i = 0; i < banks.Length; i++) banks[i].Memory.Store(0, 8, (ulong)i + 1);
        using var started = new ManualResetEventSlim();
        bool stop = false;
        ulong wrong = 0;
        var reader = new Thread(() =>
        {
            started.Set();
            while (!Volatile.Read(ref stop))
            {
                MemoryAccessResult result = _machine.Memory.Load(At(0), 8, out ulong value);
                if (result != MemoryAccessResult.Done || value is not (1 or 2)) wrong++;
            }
        });
        reader.Start();
        started.Wait(TestContext.Current.CancellationToken);
        for (int i = 0; i < Changes; i++)
        {
            using (_machine.Topology.Change())
            {
                banks[i % 2].IsEnabled = false;
                banks[(i + 1) % 2].IsEnabled = true;
            }
        }

        Volatile.Write(ref stop, true);
        reader.Join();
        Assert.Equal(0UL, wrong);
    }

    [Fact]
    public void What_goes_is_told_of_the_last_space_first_and_what_comes_of_the_first()
    {
        using var second = new GuestAddressSpace(_machine.Topology, _machine.Root, "second");
        var told = new List<string>();
        _machine.Memory.AddListener(new NamingListener("first", told));
        second.AddListener(new NamingListener("second", told));
        RamRegion old = _machine.AddRam(0, 0x1000);
        told.Clear();
        using (_machine.Topology.Change())
        {
            _machine.Root.Remove(old);
            _machine.Root.Add(old, 0x1000);
        }

        Assert.Equal(["second -", "first -", "first +", "second +"], told);
    }

    [Fact]
    public void Listener_may_change_the_topology_and_hears_of_it_afterwards()
    {
        RamRegion follower = _machine.AddRam(0x10000, 0x1000, "follower");
        follower.IsEnabled = false;
        var told = new List<string>();
        var listener = new NamingListener("", told) { Committed = () => follower.IsEnabled = true };
        _machine.Memory.AddListener(listener);
        _machine.AddRam(0, 0x1000);
        Assert.True(_machine.Memory.View.TryFind(0x10000, out _));
        Assert.Equal(2, told.Count(what => what == " +"));
    }

    [Fact]
    public void Region_grows_no_larger_than_its_memory()
    {
        RamRegion ram = _machine.AddRam(0, 0x1000);
        Assert.Throws<ArgumentOutOfRangeException>(() => ram.Size = 0x2000);
        ram.Size = 0x800;
        Assert.Equal(MemoryAccessResult.NotMapped, _machine.Memory.Load(At(0x800), 1, out _));
    }

    [Fact]
    public void Replay_tells_each_mapped_entry_once_and_no_empty_one()
    {
        var window = new TestWindow(_machine.Topology, 0x10000, _machine.Memory);
        window.Set(0x0000, 0x1000, DmaAccess.Read);
        window.Set(0x3000, 0x2000, DmaAccess.Write);
        window.Set(0xf000, 0x3000, DmaAccess.ReadWrite);
        window.Set(0x3000, 0, DmaAccess.None);
        var heard = new List<ulong>();
        window.Replay(new IommuNotifier(0, ulong.MaxValue, entry => heard.Add(entry.Offset)));
        Assert.Equal([0x0000UL, 0xf000UL], heard);
    }

    [Fact]
    public void Load_and_store_allocate_nothing()
    {
        _machine.AddRam(0, 0x10000);
        GuestAddressSpace memory = _machine.Memory;
        ulong sum = Touch(memory);
        long before = GC.GetAllocatedBytesForCurrentThread();
        sum += Touch(memory);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0UL, sum);
    }

    public void Dispose() => _machine.Dispose();

    private static GuestPhysicalAddress At(ulong address) => new(address);

    private static ulong Touch(GuestAddressSpace memory)
    {
        ulong sum = 0;
        for (ulong i = 0; i < 1000; i++)
        {
            memory.Store(At(i * 8), 8, i);
            memory.Load(At(i * 4), 4, out ulong value);
            sum += value;
        }

        return sum;
    }

    private sealed class NamingListener(string name, List<string> told) : IMemoryListener
    {
        public Action? Committed { get; init; }

        public void Begin()
        {
        }

        public void RegionAdded(in MemorySection section) => told.Add($"{name} +");

        public void RegionRemoved(in MemorySection section) => told.Add($"{name} -");

        public void Commit() => Committed?.Invoke();
    }

    private sealed class RecordingRegisters : IMmioHandler
    {
        public List<int> Widths { get; } = [];

        public ulong Read(ulong offset, int width) => 0;

        public void Write(ulong offset, int width, ulong value) => Widths.Add(width);
    }
}
