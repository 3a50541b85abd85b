// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Memory;

namespace VfioSharp.Guest.Spapr.Rtas;

/// <summary>A call's handler: it sets the results but the first, which is what it returns.</summary>
internal delegate RtasStatus RtasHandler(in RtasCall call);

/// <summary>The RTAS calls that concern PCI, by their tokens. Calls come one at a time.</summary>
public sealed class RtasCalls
{
    private readonly Dictionary<RtasToken, RtasHandler> _handlers = [];
    private readonly List<PseriesHostBridge> _bridges = [];

    internal RtasCalls()
    {
        ConfigCalls.AddTo(this);
        WindowCalls.AddTo(this);
        MessageCalls.AddTo(this);
        ErrorCalls.AddTo(this);
    }

    /// <summary>The machine's bridges.</summary>
    public IReadOnlyList<PseriesHostBridge> Bridges => _bridges;

    /// <summary>
    /// Does the call at an address of the guest's memory. H_PARAMETER: no call has this token; the status says so, too.
    /// </summary>
    public HypercallStatus Call(GuestAddressSpace memory, GuestPhysicalAddress address)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var call = new RtasCall(memory, address);
        bool isKnown = _handlers.TryGetValue(call.Token, out RtasHandler? handler);
        call.SetResult(0, unchecked((uint)(isKnown ? handler!(call) : RtasStatus.ParameterError)));
        return isKnown ? HypercallStatus.Success : HypercallStatus.Parameter;
    }

    /// <summary>The bridge with an id; null: there is none.</summary>
    internal PseriesHostBridge? FindBridge(ulong buid)
    {
        foreach (PseriesHostBridge bridge in _bridges)
            if (bridge.Buid == buid) return bridge;
        return null;
    }

    internal void Add(RtasToken token, RtasHandler handler) => _handlers.Add(token, handler);

    internal void Add(PseriesHostBridge bridge) => _bridges.Add(bridge);
}
