// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;

namespace VfioSharp.Host.Tests.Fuzz;

/// <summary>Calls of sPAPR TCE containers, of both versions.</summary>
internal sealed partial class HostFuzzer
{
    private const ulong DynamicWindow = 0x0800_0000_0000_0000;

    private void SpaprCall(FuzzedProcess p)
    {
        int container = PickOr(p.Containers);
        switch (_random.Next(20))
        {
            case < 6:
                Ioctl(p, container, VfioIoctl.IommuMapDma, Struct(p, new VfioIommuType1DmaMap
                {
                    Argsz = Argsz(32),
                    Flags = _random.Next(20) switch { 0 => 0u, 1 => 4u, 2 => 7u, 3 => 1u, 4 => 2u, _ => 3u },
                    Vaddr = p.Buffer + ((ulong)_random.Next(70) * Page) + Misaligned(),
                    Iova = SomeBusAddress(),
                    Size = Size(),
                }));
                break;
            case < 9:
                Ioctl(p, container, VfioIoctl.IommuUnmapDma, Struct(p, new VfioIommuType1DmaUnmap { Argsz = Argsz(24), Flags = _random.Next(20) == 0 ? 2u : 0u, Iova = SomeBusAddress(), Size = Size() }));
                break;
            case < 14:
                // Few regions, so that the same ones meet again.
                ulong start = (ulong)_random.Next(4) * 16;
                Ioctl(p, container, _random.Next(3) == 0 ? VfioIoctl.IommuSpaprUnregisterMemory : VfioIoctl.IommuSpaprRegisterMemory, Struct(p, new VfioIommuSpaprRegisterMemory
                {
                    Argsz = Argsz(24),
                    Flags = _random.Next(30) == 0 ? 1u : 0u,
                    Vaddr = p.Buffer + (start * Page) + Misaligned(),
                    Size = _random.Next(12) == 0 ? Size() : (ulong)_random.Next(1, 3) * 16 * Page,
                }));
                break;
            case 14 or 15:
                Ioctl(p, container, VfioIoctl.IommuSpaprTceCreate, Struct(p, new VfioIommuSpaprTceCreate
                {
                    Argsz = Argsz(40),
                    Flags = _random.Next(30) == 0 ? 1u : 0u,
                    PageShift = _random.Next(8) switch { 0 => (uint)_random.Next(80), 1 => 16, 2 => 21, _ => 12 },
                    WindowSize = _random.Next(8) switch { 0 => (ulong)_random.NextInt64(), 1 => 1UL << _random.Next(64), 2 => 0, _ => 1UL << _random.Next(24, 34) },
                    Levels = (uint)(_random.Next(4) == 0 ? _random.Next(8) : 1),
                }));
                break;
            case 16:
                Ioctl(p, container, VfioIoctl.IommuSpaprTceRemove, Struct(p, new VfioIommuSpaprTceRemove { Argsz = Argsz(16), Flags = _random.Next(30) == 0 ? 1u : 0u, StartAddr = SomeBusAddress() }));
                break;
            case 17:
                Ioctl(p, container, VfioIoctl.IommuSpaprTceGetInfo, Struct(p, new VfioIommuSpaprTceInfo { Argsz = Argsz(32) }));
                break;
            case 18:
                Ioctl(p, container, _random.Next(3) == 0 ? VfioIoctl.IommuDisable : VfioIoctl.IommuEnable, 0);
                break;
            default:
                Ioctl(p, container, VfioIoctl.EehPeOp, Struct(p, new VfioEehPeOp { Argsz = _random.Next(3) == 0 ? 40 : Argsz(12), Flags = _random.Next(30) == 0 ? 1u : 0u, Op = (uint)_random.Next(12) }));
                break;
        }
    }

    private ulong SomeBusAddress() => _random.Next(24) switch
    {
        0 => ulong.MaxValue - 4095,
        1 => 0x1001,
        2 => 0x8000_0000 - (4 * Page),
        3 => 0x4000_0000 - (4 * Page),
        4 => (ulong)_random.NextInt64(),
        < 12 => DynamicWindow + ((ulong)_random.Next(64) * 16 * Page),
        _ => (ulong)_random.Next(64) * 16 * Page,
    };
}
