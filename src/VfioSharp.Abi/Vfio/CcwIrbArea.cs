// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;

namespace VfioSharp.Abi.Vfio;

/// <summary>The bytes of an interruption response block (<c>irb_area</c>).</summary>
[InlineArray(96)]
public struct CcwIrbArea
{
    private byte _first;
}
