// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp;

/// <summary>What a container's endpoints can have (VFIO_IOMMU_SPAPR_TCE_GET_INFO).</summary>
/// <param name="DefaultWindowStart">First address of the default window.</param>
/// <param name="DefaultWindowSize">Its size in bytes; 0 when there is none.</param>
/// <param name="PageSizes">Bitmap of page sizes that windows can have; 0 when windows cannot be made (version 1).</param>
/// <param name="MaxWindows">Windows there can be at once, the default one included; 0 when they cannot be made.</param>
/// <param name="MaxLevels">The most levels that a window's table can have.</param>
public sealed record SpaprInfo(Iova DefaultWindowStart, ulong DefaultWindowSize, ulong PageSizes, uint MaxWindows, uint MaxLevels);
