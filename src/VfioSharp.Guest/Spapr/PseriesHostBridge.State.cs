// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr;

public sealed partial class PseriesHostBridge
{
    /// <summary>
    /// What the bridge holds of the guest's, for <see cref="TryRestore"/>: windows with their entries, interrupt numbers,
    /// levels of the pins. The state of devices is not part of it.
    /// </summary>
    public byte[] Save() => new HostBridgeState
    {
        Index = Options.Index,
        Levels = _levels,
        Windows = [.. _windows.Select(window => window.PageCount == 0
            ? new HostBridgeState.Window(0, default, 0, false, [])
            : new HostBridgeState.Window(window.PageShift, window.Start, window.PageCount, window.IsDefault, [.. window.Raw()]))],
        Messages = [.. Interrupts.Grants()],
    }.ToBytes();

    /// <summary>
    /// Puts the bridge into a state that <see cref="Save"/> gave, of a bridge with the same properties; containers that are
    /// there are told of the windows. The bytes may come from anywhere: what cannot be a state of this bridge is refused, and
    /// nothing changes.
    /// </summary>
    /// <param name="saved">The bytes.</param>
    /// <param name="problem">Why they are refused.</param>
    public bool TryRestore(ReadOnlySpan<byte> saved, out string problem)
    {
        if (!HostBridgeState.TryRead(saved, Windows, out HostBridgeState? state, out problem)) return false;
        if (state.Index != Options.Index)
        {
            problem = $"it is of bridge {state.Index}, this is bridge {Options.Index}";
            return false;
        }

        for (int i = 0; i < Windows; i++)
        {
            if (IsPossible(state.Windows[i], isFirst: i == 0)) continue;
            HostBridgeState.Window window = state.Windows[i];
            problem = $"this bridge cannot have a window of {window.PageCount} pages of 2^{window.PageShift} bytes at {window.Start}";
            return false;
        }

        HostBridgeState.Window[] there = [.. state.Windows.Where(window => window.PageCount != 0)];
        if (there.Length > Options.MostWindows || (there.Length == Windows && Overlap(there[0], there[1])))
        {
            problem = $"{there.Length} windows, the first at {there[0].Start}: this bridge has {Options.MostWindows}, at places of their own";
            return false;
        }

        if (!Interrupts.TryRestore(state.Messages))
        {
            problem = "interrupt numbers that this machine does not have, or that another bridge's devices have";
            return false;
        }

        using (_dma.Topology.Change())
        {
            foreach (GuestTceTable window in _windows) window.Disable();
            for (int i = 0; i < Windows; i++)
            {
                HostBridgeState.Window window = state.Windows[i];
                if (window.PageCount != 0) _windows[i].Enable(window.PageShift, window.Start, window.PageCount, window.IsDefault, window.Entries);
            }
        }

        // Devices that are assigned say themselves what their pins are; the levels saved are those of devices that were moved.
        for (int line = 0; line < 4; line++)
        {
            bool asserted = (state.Levels & (1 << line)) != 0;
            if (asserted != ((_levels & (1 << line)) != 0)) SetLevel(line, asserted);
        }

        return true;
    }

    private static bool Overlap(HostBridgeState.Window one, HostBridgeState.Window other) =>
        one.Start.Value <= other.Start.Value + ((other.PageCount << other.PageShift) - 1) && other.Start.Value <= one.Start.Value + ((one.PageCount << one.PageShift) - 1);

    private bool IsPossible(HostBridgeState.Window window, bool isFirst)
    {
        if (window.PageCount == 0) return window is { PageShift: 0, Start.Value: 0, IsDefault: false };
        if (window.IsDefault)
            return isFirst && window.PageShift == DefaultPageShift && window.Start == Options.DefaultWindowStart && window.PageCount == Options.DefaultWindowBytes >> DefaultPageShift;
        return Options.HasDynamicWindows && (Options.PageSizes & (1UL << window.PageShift)) != 0 && ulong.IsPow2(window.PageCount) &&
            (window.Start == Options.DefaultWindowStart || window.Start == Options.DynamicWindowStart) && window.PageCount <= ulong.MaxValue >> window.PageShift;
    }
}
