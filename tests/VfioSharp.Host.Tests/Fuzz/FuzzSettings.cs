// SPDX-License-Identifier: MIT
using System.Globalization;

namespace VfioSharp.Host.Tests.Fuzz;

/// <summary>How long a fuzz run is, and what it draws from: VFIOSHARP_FUZZ_CALLS (the long form is 1000000), VFIOSHARP_FUZZ_SEED.</summary>
internal static class FuzzSettings
{
    private const long ShortRun = 40_000;

    public static long Calls => Number("VFIOSHARP_FUZZ_CALLS") ?? ShortRun;

    public static int Seed() => (int)(Number("VFIOSHARP_FUZZ_SEED") ?? Random.Shared.Next());

    private static long? Number(string name) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : null;
}
