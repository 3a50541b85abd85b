// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;

namespace VfioSharp.Host.Tests.Fuzz;

/// <summary>Calls of Type1 containers, of both versions.</summary>
internal sealed partial class HostFuzzer
{
    private void Type1Call(FuzzedProcess p)
    {
        int container = PickOr(p.Containers);
        switch (_random.Next(10))
        {
            case < 5:
                Ioctl(p, container, VfioIoctl.IommuMapDma, Struct(p, new VfioIommuType1DmaMap
                {
                    Argsz = Argsz(32),
                    Flags = _random.Next(20) switch { 0 => 0u, 1 => 4u, 2 => 7u, 3 => 1u, 4 => 2u, 5 => 8u, _ => 3u },
                    Vaddr = p.Buffer + ((ulong)_random.Next(70) * Page) + Misaligned(),
                    Iova = SomeIova(),
                    Size = Size(),
                }));
                break;
            case < 8:
                uint flags = _random.Next(20) switch { 0 => 1u, 1 => 2u, 2 => 4u, 3 => 3u, 4 => 8u, 5 => 6u, _ => 0u };
                var unmap = new VfioIommuType1DmaUnmap { Argsz = Argsz((flags & 1) != 0 ? 48u : 24u), Flags = flags, Iova = (flags & 2) != 0 && _random.Next(8) != 0 ? 0 : SomeIova(), Size = (flags & 2) != 0 && _random.Next(8) != 0 ? 0 : Size() };
                Ioctl(p, container, VfioIoctl.IommuUnmapDma, Struct(p, unmap, Bitmap(p, unmap.Size)));
                break;
            case 8:
                Ioctl(p, container, VfioIoctl.IommuGetInfo, Struct(p, new VfioIommuType1Info { Argsz = _random.Next(4) == 0 ? Argsz(24) : 256 }));
                break;
            default:
                uint which = _random.Next(8) switch { 0 => 0u, 1 => 3u, 2 => 1u, 3 => 2u, 4 => 8u, _ => 4u };
                ulong length = Size();
                Ioctl(p, container, VfioIoctl.IommuDirtyPages, Struct(p, new VfioIommuType1DirtyBitmap { Argsz = Argsz(which == 4 ? 48u : 8u), Flags = which }, new VfioIommuType1DirtyBitmapGet { Iova = SomeIova(), Size = length, Bitmap = Bitmap(p, length) }));
                break;
        }
    }

    private ulong SomeIova() => _random.Next(24) switch
    {
        0 => 0xfee00000,
        1 => 0xffff_ffff_f000,
        2 => 0x1_0000_0000_0000,
        3 => ulong.MaxValue - 4095,
        4 => 0x1001,
        _ => (ulong)_random.Next(64) * 16 * Page,
    };

    private VfioBitmap Bitmap(FuzzedProcess p, ulong size) => new()
    {
        Pgsize = _random.Next(10) switch { 0 => (ulong)_random.Next(8192), 1 => 2 * Page, _ => Page },
        Size = _random.Next(10) == 0 ? (ulong)_random.NextInt64() : Math.Max(8, ((size / Page) + 63) / 64 * 8),
        Data = _random.Next(10) == 0 ? WildAddress(p) : p.Buffer,
    };
}
