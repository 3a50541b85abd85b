// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>
/// Random sequences of version 2's calls on two containers: locked memory is what is registered plus the tables, and
/// what the named oddities keep; without these, exactly the sum; and nothing after the last close, in every order.
/// </summary>
[Collection(nameof(Alone))]
public sealed class AccountingPropertyTests(ITestOutputHelper output)
{
    private const ulong Chunk = AccountingModel.Chunk;
    private const int Chunks = 8;

    public static TheoryData<string, Fidelity> Machines
    {
        get
        {
            var data = new TheoryData<string, Fidelity>();
            foreach (string machine in new[] { PowerMachine.PowerNv, PowerMachine.PowerNvSmallPages, PowerMachine.Pseries, PowerMachine.PseriesSmallPages })
            {
                data.Add(machine, Fidelity.Linux);
                data.Add(machine, Fidelity.Documented);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Locked_memory_is_what_is_held_and_nothing_after_the_last_close(string machine, Fidelity fidelity)
    {
        int first = Random.Shared.Next();
        output.WriteLine($"first seed {first}");
        for (int i = 0; i < 10; i++)
        {
            long tables = TceTable.LiveBytes, blocks = MemoryBacking.LiveBytes;
            using (var session = new SpaprSession(machine, fidelity: fidelity)) new Run(session, fidelity, unchecked(first + i)).Go(200);
            Assert.Equal(tables, TceTable.LiveBytes);
            Assert.Equal(blocks, MemoryBacking.LiveBytes);
        }
    }

    private sealed class Run
    {
        private readonly Random _random;
        private readonly Fidelity _fidelity;
        private readonly SpaprSession _session;
        private readonly AccountingModel _model;
        private readonly (int Container, int Group, string Alias)[] _pairs;
        private readonly AccountingModel.Holder[] _holders = [new(), new()];
        private readonly ulong _memory;

        public Run(SpaprSession session, Fidelity fidelity, int seed)
        {
            _random = new Random(seed);
            _fidelity = fidelity;
            _session = session;
            (int container, int group) = _session.OpenPair("edu1");
            _pairs = [(_session.Container, _session.Group, "edu0"), (container, group, "edu1")];
            _model = new AccountingModel(_session.Page, fidelity == Fidelity.Linux);
            _memory = _session.Anonymous(Chunks * Chunk);
        }

        public void Go(int steps)
        {
            for (int i = 0; i < steps; i++)
            {
                Step(_random.Next(2));
                Check();
            }

            // Containers, groups and devices close in any order.
            int[] devices = [.. _pairs.Select(pair => _session.OpenDevice(pair.Alias, pair.Group))];
            int[] descriptors = [.. _pairs.SelectMany((pair, which) => (int[])[pair.Container, pair.Group, devices[which]])];
            _random.Shuffle(descriptors);
            var closed = new HashSet<int>();
            foreach (int descriptor in descriptors)
            {
                _session.Close(descriptor);
                closed.Add(descriptor);

                // Its group's last descriptor takes a container's IOMMU.
                int which = Array.FindIndex(_pairs, pair => descriptor == pair.Group || descriptor == devices[Array.IndexOf(_pairs, pair)]);
                if (which >= 0 && closed.Contains(_pairs[which].Group) && closed.Contains(devices[which])) _model.Release(_holders[which]);
                Check();
            }

            if (_fidelity == Fidelity.Documented) Assert.Equal((0, 0), (_session.Caller.Locked.Pages, _session.Caller.Registered.Count));

            // What nobody unregistered is gone with the process.
            _session.Process.Dispose();
            Assert.Equal(_model.Leaked, _session.Caller.Locked.Pages);
            Assert.Equal((0, 0), (_session.Caller.Registered.Count, _session.Platform.Memory.Count));
        }

        private void Check()
        {
            long tables = _holders.Sum(holder => holder.Windows.Sum(window => window?.TablePages ?? 0));
            Assert.Equal(_model.RegisteredPages + tables + _model.Leaked, _session.Caller.Locked.Pages);
            Assert.Equal(_model.Count, _session.Caller.Registered.Count);
            Assert.Equal(_model.Count, _session.Platform.Memory.Count);
            if (_fidelity == Fidelity.Documented) Assert.Equal(0, _model.Leaked);
        }

        private void Step(int which)
        {
            AccountingModel.Holder holder = _holders[which];
            int container = _pairs[which].Container;
            (ulong at, ulong size) = SomeChunks();
            switch (_random.Next(20))
            {
                case < 4:
                    Same(_model.Register(holder, at, size), _session.Register(at, size, container));
                    break;
                case < 7:
                    Same(_model.Unregister(holder, at, size), _session.Unregister(at, size, container));
                    break;
                case < 12:
                    Map(holder, which, at, size);
                    break;
                case < 15:
                    Unmap(holder, which, size);
                    break;
                case < 17:
                    Create(holder, which);
                    break;
                case < 19:
                    Remove(holder, container);
                    break;
                default:
                    Reattach(holder, which);
                    break;
            }
        }

        private void Map(AccountingModel.Holder holder, int which, ulong at, ulong size)
        {
            ulong iova = SomeIova(holder);
            KernelResult result = _session.Map(at, iova, size, container: _pairs[which].Container);
            if (!Used(holder, which, result, "EPERM")) return;
            AccountingModel.Window? window = Find(holder, iova);
            Same(window is null ? "ENXIO" : _model.Map(window, iova, at, size), result);
        }

        private void Unmap(AccountingModel.Holder holder, int which, ulong size)
        {
            ulong iova = SomeIova(holder);
            KernelResult result = _session.Unmap(iova, size, _pairs[which].Container);
            if (!Used(holder, which, result, "EPERM")) return;
            AccountingModel.Window? window = Find(holder, iova);
            if (window is not null) _model.Unmap(window, iova, size);
            Same(window is null ? "ENXIO" : "0", result);
        }

        private void Create(AccountingModel.Holder holder, int which)
        {
            // Shapes that can be, that have too many levels, that no block holds, that firmware refuses, that are no power of two.
            (uint shift, ulong size, uint levels) = _random.Next(10) switch
            {
                0 => ((uint)BitOperations.Log2(_session.Page), 1UL << 32, 2u),
                1 => (12u, 1UL << 46, 1u),
                2 => (16u, 3UL << 30, 1u),
                3 when _random.Next(4) == 0 => (12u, 1UL << 48, 1u),
                _ => ((uint)BitOperations.Log2(_session.Page), 1UL << 31, 1u),
            };
            holder.IsBound = true;
            bool isFull = !holder.IsPending && Array.IndexOf(holder.Windows, null) < 0;
            KernelResult result = _session.Create(shift, size, levels, out ulong start, _pairs[which].Container);
            if (holder.IsPending && !Pending(holder, which, result)) return;
            int slot = Array.IndexOf(holder.Windows, null);
            if (slot < 0)
            {
                Same("ENOSPC", result);
                Assert.True(isFull || holder.Windows[0] is not null);
                return;
            }

            long pages = (long)(_session.EndpointOf(_pairs[which].Alias).GetTableSize(shift, size, levels) / _session.Page);
            if (result.IsSuccess) holder.Windows[slot] = new AccountingModel.Window(start, size, 1UL << (int)shift, pages);
            else Leak(result, pages);
        }

        // A failure in the making of a table, after it was charged, is told by the endpoint and not by the call.
        private void Leak(KernelResult result, long pages)
        {
            bool wasCharged = !result.Reason!.StartsWith("SPAPR_TCE_CREATE", StringComparison.Ordinal) && !result.Reason.StartsWith("making", StringComparison.Ordinal);
            if (wasCharged && _fidelity == Fidelity.Linux) _model.Leaked += pages;
        }

        private void Remove(AccountingModel.Holder holder, int container)
        {
            ulong start = SomeIova(holder);
            holder.IsBound = true;
            KernelResult result = _session.Remove(start, container);
            if (holder.IsPending && start == 0)
            {
                holder.IsPending = false;
                Same("0", result);
                return;
            }

            AccountingModel.Window? window = Find(holder, start);
            Same(window is null ? "EINVAL" : "0", result);
            if (window is null) return;
            _model.Unmap(window, 0, ulong.MaxValue);
            holder.Windows[Array.IndexOf(holder.Windows, window)] = null;
        }

        private void Reattach(AccountingModel.Holder holder, int which)
        {
            (int container, int group, _) = _pairs[which];
            Assert.Equal(KernelResult.Success, _session.Process.Ioctl(group, VfioIoctl.GroupUnsetContainer, 0));
            _model.Release(holder);
            Check();
            Assert.Equal(KernelResult.Success, _session.SetContainer(group, container));
            Assert.Equal(KernelResult.Success, _session.Process.Ioctl(container, VfioIoctl.SetIommu, VfioExtension.SpaprTceV2));
        }

        // Whether a mapping call came as far as looking for its window; the first one makes the default window.
        private bool Used(AccountingModel.Holder holder, int which, KernelResult result, string otherwise)
        {
            if (!holder.IsEnabled)
            {
                Same(otherwise, result);
                return false;
            }

            return !holder.IsPending || Pending(holder, which, result);
        }

        private bool Pending(AccountingModel.Holder holder, int which, KernelResult result)
        {
            IommuTableGroup endpoint = _session.EndpointOf(_pairs[which].Alias);
            long pages = (long)(endpoint.GetTableSize(12, endpoint.Tce32Size, 1) / _session.Page);
            if (endpoint.Tables[0] is null)
            {
                // An endpoint marked by an earlier failure.
                Same("ENODEV", result);
                Leak(result, pages);
                return false;
            }

            holder.Windows[0] = new AccountingModel.Window(endpoint.Tce32Start, endpoint.Tce32Size, 4096, pages);
            holder.IsPending = false;
            return true;
        }

        private (ulong Address, ulong Size) SomeChunks()
        {
            int first = _random.Next(Chunks), count = _random.Next(1, Math.Min(4, Chunks - first) + 1);

            // Few shapes, so that exact ones meet often.
            return (_memory + ((ulong)(first & ~1) * Chunk), (ulong)Math.Min(count | 1, Chunks - (first & ~1)) * Chunk);
        }

        private ulong SomeIova(AccountingModel.Holder holder)
        {
            AccountingModel.Window? window = holder.Windows[_random.Next(2)];
            return (window?.Start ?? 0) + ((ulong)_random.Next(16) * Chunk * (_random.Next(4) == 0 ? 0u : 1u));
        }

        private static AccountingModel.Window? Find(AccountingModel.Holder holder, ulong iova) =>
            Array.Find(holder.Windows, window => window is not null && iova - window.Start < window.Size);

        private static void Same(string expected, KernelResult result) =>
            Assert.True(expected == (result.IsError ? result.Errno.ToString() : $"{result.RawValue}"), $"expected {expected}, was {result}");
    }
}
