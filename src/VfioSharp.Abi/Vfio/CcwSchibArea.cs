// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;

namespace VfioSharp.Abi.Vfio;

/// <summary>The bytes of a subchannel information block (<c>schib_area</c>).</summary>
[InlineArray(52)]
public struct CcwSchibArea
{
    private byte _first;
}
