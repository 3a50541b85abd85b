// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Host.Callers;
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
            PlainConfig function = MakeFunction();
            var config = new VirtualConfig(function, new NoConfigEffects());
            var model = new ConfigBitModel(function.Bytes, TableAt);
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

    // Bytes of no capability go to the hardware and back.
    private static (ConfigPermissions? Table, int Start) TableAt(int offset) => offset switch
    {
        >= Vpd and < Vpd + 8 => (ConfigPermissions.Of(PciCapabilityId.Vpd), Vpd),
        >= PciX and < PciX + 24 => (ConfigPermissions.Of(PciCapabilityId.PciX), PciX),
        >= ErrorReporting and < ErrorReporting + 0x2c => (ConfigPermissions.OfExtended(1), ErrorReporting),
        >= PowerBudgeting and < PowerBudgeting + 0x10 => (ConfigPermissions.OfExtended(4), PowerBudgeting),
        _ => (null, 0),
    };

    private static PlainConfig MakeFunction()
    {
        var function = new PlainConfig(Random.Shared);
        function.Bytes[0x34] = Vpd;
        (function.Bytes[Vpd], function.Bytes[Vpd + 1]) = (0x03, PciX);

        // PCI-X of version 1 is 24 bytes long, and allows extended capabilities.
        (function.Bytes[PciX], function.Bytes[PciX + 1]) = (0x07, 0);
        (function.Bytes[PciX + 2], function.Bytes[PciX + 3]) = (0, 0x10);
        BitConverter.TryWriteBytes(function.Bytes.AsSpan(ErrorReporting), 0x0001 | (1u << 16) | ((uint)PowerBudgeting << 20));
        BitConverter.TryWriteBytes(function.Bytes.AsSpan(PowerBudgeting), 0x0004u | (1u << 16));
        return function;
    }
}
