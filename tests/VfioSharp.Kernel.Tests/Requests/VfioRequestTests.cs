// SPDX-License-Identifier: MIT
using System.Reflection;
using VfioSharp.Abi;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel.Requests;
using VfioSharp.Linux;

namespace VfioSharp.Kernel.Tests.Requests;

public sealed class VfioRequestTests
{
    // Of devices that display, of devices opened by themselves, of migration's data.
    private static readonly string[] s_unnamed =
    [
        "DEVICE_QUERY_GFX_PLANE", "DEVICE_GET_GFX_DMABUF", "DEVICE_BIND_IOMMUFD", "DEVICE_ATTACH_IOMMUFD_PT", "DEVICE_DETACH_IOMMUFD_PT", "MIG_GET_PRECOPY_INFO",
    ];

    [Fact]
    public void Every_request_of_containers_groups_and_devices_has_the_name_that_the_header_gives_it()
    {
        foreach (FieldInfo field in typeof(VfioIoctl).GetFields(BindingFlags.Static | BindingFlags.Public))
        {
            string name = field.GetCustomAttribute<CNameAttribute>()!.Name["VFIO_".Length..];
            uint number = (uint)field.GetRawConstantValue()!;
            IEnumerable<string> names = Enum.GetValues<VfioFileKind>().Select(kind => VfioRequest.NameOf(kind, number));
            Assert.Equal(!s_unnamed.Contains(name), names.Contains(name));
        }
    }

    [Fact]
    public void One_number_is_another_request_on_another_kind_of_descriptor()
    {
        Assert.Equal("IOMMU_GET_INFO", VfioRequest.NameOf(VfioFileKind.Type1Container, 0x3b70));
        Assert.Equal("IOMMU_SPAPR_TCE_GET_INFO", VfioRequest.NameOf(VfioFileKind.SpaprContainer, 0x3b70));
        Assert.Equal("DEVICE_GET_PCI_HOT_RESET_INFO", VfioRequest.NameOf(VfioFileKind.Device, 0x3b70));
        Assert.Equal("0x3b70", VfioRequest.NameOf(VfioFileKind.Group, 0x3b70));
    }

    [Fact]
    public void Fields_of_a_structure_within_another_lie_where_C_has_them()
    {
        StructureShape shape = VfioRequest.Find(VfioFileKind.SpaprContainer, VfioIoctl.EehPeOp)!.Structure!;
        Assert.Equal(40, shape.Size);
        Assert.Equal(
            [("argsz", 0), ("flags", 4), ("op", 8), ("err.type", 16), ("err.func", 20), ("err.addr", 24), ("err.mask", 32)],
            shape.Fields.Select(field => (field.Name, field.Offset)));
    }

    [Fact]
    public void Flags_are_named_and_those_unknown_are_a_number()
    {
        StructureField flags = VfioRequest.Find(VfioFileKind.Type1Container, VfioIoctl.IommuMapDma)!.Structure!.Fields[1];
        Assert.Equal("READ|WRITE|0x80000000", flags.Format([0, 0, 0, 0, 3, 0, 0, 0x80]));
    }

    [Fact]
    public void A_features_number_is_named_beside_what_is_asked_of_it()
    {
        StructureField flags = VfioRequest.Find(VfioFileKind.Device, VfioIoctl.DeviceFeature)!.Structure!.Fields[1];
        Assert.Equal("BUS_MASTER|SET|PROBE", flags.Format([0, 0, 0, 0, 10, 0, 6, 0]));
    }

    [Fact]
    public void A_refusal_has_the_remedy_that_the_client_gives() =>
        Assert.Equal("Unmap that one first, or choose another IOVA", VfioRequest.RemedyFor(VfioFileKind.Type1Container, VfioIoctl.IommuMapDma, Errno.EEXIST));

    [Fact]
    public void Offsets_of_a_device_are_told_by_region()
    {
        Assert.Equal("CONFIG+0x4", RegionOffset.Format((7UL << 40) + 4));
        Assert.Equal("16777215+0xffffffffff", RegionOffset.Format(ulong.MaxValue));
    }
}
