// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Containers;

/// <summary>Something of a guest's memory could not be mapped for its devices, or not be unmapped, while the guest runs.</summary>
/// <param name="Container">The container it was for.</param>
/// <param name="Iova">First address.</param>
/// <param name="Size">Bytes; 0 when it is not about a range.</param>
/// <param name="Address">Address of the memory in this process; 0 when there is none.</param>
/// <param name="Errno">The kernel's answer; none when it was not asked.</param>
/// <param name="IsFatal">
/// Whether guest and devices now differ about the guest's memory: the machine has to stop. Otherwise the guest itself
/// caused it, or only a device's access to another's registers is lost.
/// </param>
/// <param name="Message">One sentence with the values.</param>
public sealed record DmaFailure(DmaContainer Container, Iova Iova, ulong Size, ulong Address, Errno Errno, bool IsFatal, string Message);
