// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Linux;

/// <summary>An owned file descriptor: closed once, by <see cref="SafeHandle.Dispose()"/> or the finalizer.</summary>
public sealed class SafeDescriptor : SafeHandle
{
    /// <summary>Takes ownership of <paramref name="descriptor"/>.</summary>
    public SafeDescriptor(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    /// <inheritdoc/>
    public override bool IsInvalid => (int)handle < 0;

    /// <summary>The number. It stays valid as long as this object is neither disposed nor collected.</summary>
    public int Number => (int)handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Interop.Close((int)handle) == 0;

    /// <summary><c>fd N</c>.</summary>
    public override string ToString() => $"fd {Number}";
}
