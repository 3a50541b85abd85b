// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Guest.Spapr;
using VfioSharp.Guest.Spapr.Rtas;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Spapr;

/// <summary>
/// What a guest does to its bridge, at random: puts, windows made, removed and reset, devices plugged and unplugged, the
/// machine reset, the bridge saved and restored. The host's windows always are as a dictionary says that follows it.
/// </summary>
public sealed class BridgeMirrorTests
{
    private const int Offsets = 48;
    private static readonly ulong[] s_starts = [0, 0x0800_0000_0000_0000];

    [Theory]
    [InlineData("powernv9-4k")]
    [InlineData("powernv9-64k")]
    [InlineData("pseries-4k")]
    public void Hosts_windows_are_as_a_model_of_the_guests_calls(string machine)
    {
        Gen<int[]> script = Gen.Choose(0, int.MaxValue).ArrayOf(80);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(12), Prop.ForAll(script.ToArbitrary(), steps => Run(machine, steps)));
    }

    private static void Run(string name, int[] steps)
    {
        bool isPseries = name.StartsWith("pseries", StringComparison.Ordinal);
        PciAddress[] hosts = isPseries ? [new(0, 0, 1, 0)] : [new(0, 1, 0, 0), new(1, 1, 0, 0)];
        using var machine = new PseriesMachine(name, new FakeTceAcceleration());

        // A pSeries host cannot make the default window again while it has another.
        PseriesHostBridge bridge = machine.Firmware.AddBridge(new HostBridgeOptions { DefaultWindowBytes = 0x100_0000, HasDynamicWindows = !isPseries });
        var model = new Dictionary<ulong, ulong>();
        byte[] saved = bridge.Save();
        Dictionary<ulong, ulong> savedModel = [];
        foreach (int step in steps)
        {
            var random = new Random(step);
            switch (random.Next(14))
            {
                case 0:
                    Toggle(machine, bridge, hosts[random.Next(hosts.Length)]);
                    break;
                case 1:
                    int[] made = Rtas(machine, RtasToken.CreatePeDmaWindow, 4, 0, random.Next(2) == 0 ? 12u : 16u, 24);
                    if (made[0] == 0) Forget(model, ((ulong)(uint)made[2] << 32) | (uint)made[3]);
                    break;
                case 2:
                    GuestTceTable gone = bridge.DmaWindows[random.Next(2)];
                    ulong start = gone.Start.Value;
                    if (machine.Rtas(RtasToken.RemovePeDmaWindow, 1, gone.Liobn)[0] == 0) Forget(model, start);
                    break;
                case 3 when random.Next(3) == 0:
                    if (Rtas(machine, RtasToken.ResetPeDmaWindow, 1, 0)[0] == 0) model.Clear();
                    break;
                case 4 when random.Next(3) == 0:
                    machine.Firmware.Reset();
                    model.Clear();
                    break;
                case 5:
                    (saved, savedModel) = (bridge.Save(), new Dictionary<ulong, ulong>(model));
                    break;
                case 6 when random.Next(2) == 0:
                    Assert.True(bridge.TryRestore(saved, out string problem), problem);
                    model = new Dictionary<ulong, ulong>(savedModel);
                    break;
                default:
                    Put(machine, bridge, random, model);
                    break;
            }

            Compare(machine, bridge, hosts, model);
        }

        Assert.Empty(machine.Guest.Failures);
    }

    private static void Toggle(PseriesMachine machine, PseriesHostBridge bridge, PciAddress host)
    {
        string id = host.ToString();
        if (machine.Devices.All.Any(device => device.Id == id)) machine.Devices.Remove(id);
        else machine.Plug(bridge, host, id);
    }

    private static void Put(PseriesMachine machine, PseriesHostBridge bridge, Random random, Dictionary<ulong, ulong> model)
    {
        GuestTceTable window = bridge.DmaWindows[random.Next(2)];
        ulong page = 1UL << window.PageShift, ioba = window.Start.Value + ((ulong)random.Next(Offsets) * page);
        ulong target = (ulong)random.Next(64) << 16, pages = (ulong)random.Next(1, 5);
        ulong tce = random.Next(3) == 0 ? 0 : target | 3;
        if (machine.Firmware.Tces.Stuff(window.Liobn, ioba, tce, pages) != HypercallStatus.Success) return;
        for (ulong i = 0; i < pages; i++)
        {
            if (tce == 0) model.Remove(ioba + (i * page));
            else model[ioba + (i * page)] = target;
        }
    }

    // All addresses of windows begin in the lower or the upper half of the 64 bits.
    private static void Forget(Dictionary<ulong, ulong> model, ulong start)
    {
        foreach (ulong ioba in model.Keys.Where(key => key >> 59 == start >> 59).ToArray()) model.Remove(ioba);
    }

    private static void Compare(PseriesMachine machine, PseriesHostBridge bridge, PciAddress[] hosts, Dictionary<ulong, ulong> model)
    {
        foreach ((ulong target, int mark) in model.Values.Distinct().Select((target, index) => (target, index + 1))) machine.Ram.Memory.Store(target, 1, (ulong)mark);
        foreach (PciAddress host in hosts)
        {
            bool isThere = machine.Devices.All.Any(device => device.Host == host);
            if (!isThere) continue;
            foreach (ulong start in s_starts)
            {
                for (ulong offset = 0; offset < Offsets + 4; offset++)
                {
                    GuestTceTable? window = bridge.DmaWindows.FirstOrDefault(one => one.PageCount != 0 && one.Start == new Iova(start));
                    ulong ioba = start + (offset << (window?.PageShift ?? 12));
                    byte? expected = null;
                    if (model.TryGetValue(ioba, out ulong target))
                    {
                        machine.Ram.Memory.Load(target, 1, out ulong value);
                        expected = (byte)value;
                    }

                    Assert.Equal(expected, machine.Guest.Peek(host, ioba));
                }
            }
        }
    }

    private static int[] Rtas(PseriesMachine machine, RtasToken token, uint results, uint address, params uint[] rest) =>
        machine.Rtas(token, results, [address, PseriesMachine.BuidHigh, PseriesMachine.BuidLow, .. rest]);
}
