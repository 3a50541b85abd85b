// SPDX-License-Identifier: MIT
using System.Text.RegularExpressions;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Fuzz;

/// <summary>What a run was refused, and with which sentences. None is without a reason.</summary>
internal sealed partial class RefusalLog
{
    // By errno and sentence without its values: how many, and one with them.
    private readonly Dictionary<(Errno Errno, string Shape), (long Count, string Example)> _refusals = [];

    public void Note(KernelResult result)
    {
        if (!result.IsError) return;
        Assert.False(string.IsNullOrEmpty(result.Reason), $"{result.Errno} without a reason");

        var key = (result.Errno, Values().Replace(result.Reason!, "#"));
        (long count, string? example) = _refusals.GetValueOrDefault(key);
        _refusals[key] = (count + 1, example ?? result.Reason!);
    }

    /// <summary>Says which places of the host's source in <paramref name="folder"/> refused how often, and which never.</summary>
    public void Report(Action<string> say, string folder = "")
    {
        Refusal[] catalog = [.. RefusalCatalog.Read().Where(refusal => refusal.Place.StartsWith(folder, StringComparison.Ordinal))];
        var reached = new Dictionary<string, long>();
        foreach (((Errno errno, _), (long count, string example)) in _refusals)
        {
            foreach (Refusal refusal in catalog.Where(r => r.Pattern.IsMatch(example) && (r.Errno == errno.ToString() || char.IsLower(r.Errno[0])))) reached[refusal.Place] = reached.GetValueOrDefault(refusal.Place) + count;
        }

        foreach ((string place, long count) in reached.OrderByDescending(pair => pair.Value)) say($"{count,10} {place} {catalog.First(r => r.Place == place).Errno}");
        string[] never = [.. catalog.Where(refusal => !reached.ContainsKey(refusal.Place)).Select(refusal => $"{refusal.Place} {refusal.Errno}: {refusal.Text}").Distinct()];
        say($"never reached ({never.Length}):");
        foreach (string refusal in never) say("  " + refusal);
        say($"{reached.Count} of {reached.Count + never.Length} refusals reached");
    }

    [GeneratedRegex("0x[0-9a-f]+|[0-9]+")]
    private static partial Regex Values();
}
