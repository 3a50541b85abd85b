// SPDX-License-Identifier: MIT
namespace VfioSharp.Host;

/// <summary>What every function of a machine knows of who watches the machine.</summary>
internal sealed class HostActivity
{
    private volatile IHostObserver? _observer;

    /// <summary>Who watches; null: nobody.</summary>
    public IHostObserver? Observer
    {
        get => _observer;
        set => _observer = value;
    }
}
