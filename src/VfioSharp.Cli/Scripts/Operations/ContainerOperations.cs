// SPDX-License-Identifier: MIT
using System.Text;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>Containers and groups.</summary>
internal static class ContainerOperations
{
    // The runner's buffer for a device name: longer text is cut.
    private const int NameLength = 511;

    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("api_version", context => context.Report(context.Ioctl(VfioIoctl.GetApiVersion)));
        operations.Add("check_ext", context => context.Report(context.Ioctl(VfioIoctl.CheckExtension, context.Number(1))));
        operations.Add("set_iommu", context => context.Report(context.Ioctl(VfioIoctl.SetIommu, context.Number(1))));
        operations.Add("group_status", ShowGroupStatus);
        operations.Add("set_container", SetContainer);
        operations.Add("unset_container", context => context.Report(context.Ioctl(VfioIoctl.GroupUnsetContainer)));
        operations.Add("device", OpenDevice);
    }

    private static void ShowGroupStatus(ScriptContext context)
    {
        VfioGroupStatus status = new() { Argsz = context.Option32("argsz", 8) };
        KernelResult result = context.Ioctl(VfioIoctl.GroupGetStatus, ref status);
        context.Report(result);
        context.Output.Changed(result, "flags", 0, status.Flags);
    }

    private static void SetContainer(ScriptContext context)
    {
        int container = context.Descriptor(1);
        context.Report(context.Ioctl(VfioIoctl.GroupSetContainer, ref container));
    }

    private static void OpenDevice(ScriptContext context)
    {
        string name = context.Option("str") ?? context.Machine.AddressOf(context.Text(2) ?? "");
        if (context.Option("opt") is { } option) name = $"{name} {option}";
        byte[] text = Encoding.Latin1.GetBytes(name[..Math.Min(name.Length, NameLength)] + '\0');
        KernelResult opened = context.Scratch.Ioctl(context.Descriptor(1), VfioIoctl.GroupGetDeviceFd, text.AsSpan());
        context.NameDescriptor(context.Text(0), opened);
        context.Output.Descriptor(opened);
    }
}
