// SPDX-License-Identifier: MIT
namespace VfioSharp;

/// <summary>What an interrupt index of a device can do (DEVICE_GET_IRQ_INFO).</summary>
/// <param name="Index">The index: <c>VfioPciIrqIndex.Intx</c>, <c>Msi</c>, <c>Msix</c>, …</param>
/// <param name="Count">Vectors; 0 when the device has no such interrupt.</param>
/// <param name="CanSignal">Whether it can signal eventfds.</param>
/// <param name="IsMaskable">Whether it can be masked and unmasked.</param>
/// <param name="IsAutomasked">Whether it masks itself when it fires, and has to be unmasked each time.</param>
/// <param name="IsFixedSize">Whether the number of vectors can be changed only by disabling all of them first.</param>
public readonly record struct InterruptInfo(
    uint Index,
    uint Count,
    bool CanSignal,
    bool IsMaskable,
    bool IsAutomasked,
    bool IsFixedSize);
