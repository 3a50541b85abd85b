// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Groups;

// Stands in until VfioPci/VfioPciDevice is merged; then this file goes.
internal sealed class PendingVfioDevice(PciFunction function) : VfioDevice
{
    public override string Name => function.Address.ToString();

    public override KernelResult Match(string request) => KernelResult.Ok(request == Name ? 1 : 0);

    public override KernelResult OpenDevice() => KernelResult.Success;

    public override void CloseDevice()
    {
    }

    public override void RequestRelease(uint attempt)
    {
    }

    public override KernelResult Ioctl(Caller caller, uint request, ulong argument) => KernelResult.Fail(Errno.ENOTTY, $"request 0x{request:x}");

    public override KernelResult Read(Caller caller, ulong address, ulong count, ulong offset) => KernelResult.Fail(Errno.EINVAL, $"offset 0x{offset:x}");

    public override KernelResult Write(Caller caller, ulong address, ulong count, ulong offset) => KernelResult.Fail(Errno.EINVAL, $"offset 0x{offset:x}");

    public override KernelResult Map(in MapRequest request, out IMappedRegion? region)
    {
        region = null;
        return KernelResult.Fail(Errno.EINVAL, $"offset 0x{request.Offset:x}");
    }
}
