// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;
using VfioSharp.Host.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>
/// Configuration accesses against a model that knows nothing of widths, capabilities or order: each bit has a shown
/// and a hardware value, and the permission of its own.
/// </summary>
public sealed class ConfigPropertyTests
{
    // Capabilities whose reads and writes go by permission bits alone, with their places and lengths.
    private const int Vpd = 0x40;
    private const int PciX = 0x50;
    private const int ErrorReporting = 0x100;
    private const int PowerBudgeting = 0x180;

    [Fact]
    public void Random_accesses_agree_with_a_model_of_single_bits()
    {
        Gen<(bool Write, int Offset, byte[] Data)> access =
            from write in Gen.Elements(true, false)
            from place in Gen.Elements(Vpd, PciX, ErrorReporting, PowerBudgeting, 0x70, 0x200)
            from offset in Gen.Choose(0, 0x30)
            from data in Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf()
            where data.Length is > 0 and < 24
            select (write, place + offset, data);
        Prop.ForAll(access.ListOf().ToArbitrary(), accesses =>
        {
            using var host = new SoftwareHost(new TestPlatform(1));
            using SoftwareProcess process = host.CreateProcess("config");
            ulong buffer = (ulong)process.MapAnonymous(4096, 4096, MemoryProtection.ReadWrite, MemoryKind.Private).Value;
            var function = new PlainConfig();
            var config = new VirtualConfig(function, new NoEffects());
            var model = new BitModel(function);
            foreach ((bool write, int offset, byte[] data) in accesses)
            {
                if (write)
                {
                    process.Memory.TryWrite(buffer, data);
                    if (config.Write(process.Caller, buffer, (ulong)data.Length, (ulong)offset).RawValue != data.Length) return false;
                    model.Write(offset, data);
                }
                else
                {
                    var read = new byte[data.Length];
                    if (config.Read(process.Caller, buffer, (ulong)data.Length, (ulong)offset).RawValue != data.Length) return false;
                    process.Memory.TryRead(buffer, read);
                    if (!read.AsSpan().SequenceEqual(model.Read(offset, data.Length))) return false;
                }
            }

            return function.Bytes.AsSpan(Vpd).SequenceEqual(model.Hardware.AsSpan(Vpd));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("edu0")]
    [InlineData("net0")]
    [InlineData("nvme0")]
    [InlineData("xhci0")]
    [InlineData("igb0")]
    [InlineData("vga0")]
    [InlineData("conv0")]
    public void Configuration_read_in_any_pieces_is_the_same(string alias)
    {
        using var session = new DeviceSession(alias);
        var whole = new byte[session.Function.ConfigSize];
        Assert.Equal(whole.Length, session.Read(DeviceSession.Config, whole).Value);
        Prop.ForAll(Gen.Choose(1, 61).ListOf().ToArbitrary(), lengths =>
        {
            int at = 0;
            foreach (int length in lengths)
            {
                int count = Math.Min(length, whole.Length - at);
                if (count == 0) break;
                var piece = new byte[count];
                if (session.Read(DeviceSession.Config + (ulong)at, piece).Value != count || !piece.AsSpan().SequenceEqual(whole.AsSpan(at, count))) return false;
                at += count;
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Memory_bar_takes_and_gives_the_same_bytes_in_any_pieces()
    {
        const ulong Bar2 = 2UL << 40;
        using var session = new DeviceSession("ivshmem0");
        var model = new byte[0x400];
        Gen<(bool Write, int Offset, byte[] Data)> access =
            from write in Gen.Elements(true, false)
            from offset in Gen.Choose(0, 0x3c0)
            from data in Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf()
            where data.Length is > 0 and < 64
            select (write, offset, data);
        Prop.ForAll(access.ListOf().ToArbitrary(), accesses =>
        {
            foreach ((bool write, int offset, byte[] data) in accesses)
            {
                if (write)
                {
                    if (session.Write(Bar2 + (ulong)offset, data).RawValue != data.Length) return false;
                    data.CopyTo(model.AsSpan(offset));
                }
                else
                {
                    var read = new byte[data.Length];
                    if (session.Read(Bar2 + (ulong)offset, read).RawValue != read.Length || !read.AsSpan().SequenceEqual(model.AsSpan(offset, read.Length))) return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>Bit by bit: what is virtual is shown, what is not is the hardware's; what is not writable stays.</summary>
    private sealed class BitModel(PlainConfig function)
    {
        private readonly byte[] _shown = [.. function.Bytes];

        public byte[] Hardware { get; } = [.. function.Bytes];

        public byte[] Read(int offset, int length)
        {
            var bytes = new byte[length];
            for (int i = 0; i < length; i++)
            {
                (ConfigPermissions? table, int start) = TableAt(offset + i);
                byte isVirtual = table is null ? (byte)0 : (byte)table.VirtualBits(offset + i - start, 1);
                bytes[i] = (byte)((_shown[offset + i] & isVirtual) | (Hardware[offset + i] & ~isVirtual));
            }

            return bytes;
        }

        public void Write(int offset, byte[] data)
        {
            for (int i = 0; i < data.Length; i++)
            {
                (ConfigPermissions? table, int start) = TableAt(offset + i);
                byte isVirtual = table is null ? (byte)0 : (byte)table.VirtualBits(offset + i - start, 1);
                byte writable = table is null ? (byte)0xff : (byte)table.WritableBits(offset + i - start, 1);
                byte shown = (byte)(writable & isVirtual), hardware = (byte)(writable & ~isVirtual);
                _shown[offset + i] = (byte)((_shown[offset + i] & ~shown) | (data[i] & shown));
                Hardware[offset + i] = (byte)((Hardware[offset + i] & ~hardware) | (data[i] & hardware));
            }
        }

        // Bytes of no capability go to the hardware and back.
        private static (ConfigPermissions? Table, int Start) TableAt(int offset) => offset switch
        {
            >= Vpd and < Vpd + 8 => (ConfigPermissions.Of(PciCapabilityId.Vpd), Vpd),
            >= PciX and < PciX + 24 => (ConfigPermissions.Of(PciCapabilityId.PciX), PciX),
            >= ErrorReporting and < ErrorReporting + 0x2c => (ConfigPermissions.OfExtended(1), ErrorReporting),
            >= PowerBudgeting and < PowerBudgeting + 0x10 => (ConfigPermissions.OfExtended(4), PowerBudgeting),
            _ => (null, 0),
        };
    }

    /// <summary>Configuration space that is plain memory, with two capabilities and two extended ones.</summary>
    private sealed class PlainConfig : PciFunction
    {
        private readonly PciBar[] _bars = [.. Enumerable.Range(0, 7).Select(i => new PciBar(i, 0, 0, 0))];

        public PlainConfig()
        {
            Random.Shared.NextBytes(Bytes.AsSpan(0x40));
            new byte[] { 0x34, 0x12, 0x78, 0x56, 0, 0, 0x10, 0 }.CopyTo(Bytes, 0);
            Bytes[0x34] = Vpd;
            (Bytes[Vpd], Bytes[Vpd + 1]) = (0x03, PciX);

            // PCI-X of version 1 is 24 bytes long, and allows extended capabilities.
            (Bytes[PciX], Bytes[PciX + 1]) = (0x07, 0);
            (Bytes[PciX + 2], Bytes[PciX + 3]) = (0, 0x10);
            BitConverter.TryWriteBytes(Bytes.AsSpan(ErrorReporting), 0x0001 | (1u << 16) | ((uint)PowerBudgeting << 20));
            BitConverter.TryWriteBytes(Bytes.AsSpan(PowerBudgeting), 0x0004u | (1u << 16));
        }

        public byte[] Bytes { get; } = new byte[4096];

        public override PciAddress Address { get; } = new(0, 1, 0, 0);

        public override string? Alias => null;

        public override int ConfigSize => 4096;

        public override IReadOnlyList<PciBar> Bars => _bars;

        public override IReadOnlyList<PciResetMethod> ResetMethods => [];

        public override uint ReadConfig(int offset, int width)
        {
            uint value = 0;
            for (int i = 0; i < width; i++) value |= (uint)Bytes[offset + i] << (8 * i);
            return value;
        }

        public override void WriteConfig(int offset, int width, uint value)
        {
            for (int i = 0; i < width; i++) Bytes[offset + i] = (byte)(value >> (8 * i));
        }

        public override ulong ReadBar(int bar, ulong offset, int width) => 0;

        public override void WriteBar(int bar, ulong offset, int width, ulong value)
        {
        }

        public override void Reset(PciResetMethod method)
        {
        }
    }

    private sealed class NoEffects : IConfigEffects
    {
        public bool IsMsiEnabled => false;

        public bool HidesIntx => false;

        public bool HasVirtualFunctions => false;

        public int MsiQueueLimit => 0;

        public RankedLock CommandLock { get; } = new(LockRank.Intx);

        public void IntxDisableChanged(bool disabled)
        {
        }

        public void MemoryMoved(bool isAccessible)
        {
        }

        public void StateRestored()
        {
        }

        public void ResetFunction()
        {
        }
    }
}
