// SPDX-License-Identifier: MIT
using System.Text.Json;
using VfioSharp.Cli.Commands;

namespace VfioSharp.Cli.Tests.Commands;

/// <summary><c>vfio show --windows --eeh</c> and <c>vfio limits</c>.</summary>
public sealed class PowerCommandTests
{
    [Theory]
    [InlineData("pseries")]
    [InlineData("powernv")]
    public void Show_windows_and_eeh_list_the_endpoints(string machine)
    {
        (int code, string output, string error) = Run("show", "--machine", machine, "--windows", "--eeh", "--json");
        Assert.True(code == ExitCodes.Success, error);
        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement windows = document.RootElement.GetProperty("windows");
        Assert.All(windows.EnumerateArray(), endpoint => Assert.NotEqual(0UL, endpoint.GetProperty("defaultWindowSize").GetUInt64()));
        Assert.Contains(windows.EnumerateArray(), endpoint => endpoint.GetProperty("windows").EnumerateArray().Any(window => window.GetProperty("tableBytes").GetInt64() > 0));
        Assert.Contains(document.RootElement.GetProperty("endpoints").EnumerateArray(), endpoint => endpoint.GetProperty("state").GetString() == "normal");
    }

    [Fact]
    public void Show_windows_says_on_x86_that_there_are_none()
    {
        (int code, _, string error) = Run("show", "--windows");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("POWER", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_of_x86_are_the_guests_memory() => Assert.Equal([64UL << 30], Totals("--guest", "64G", "--groups", "3"));

    [Fact]
    public void Limits_of_pseries_count_each_container()
    {
        // A default window of 1 GiB in 4 KiB pages has a table of 2 MiB; one of 64 GiB in 64 KiB pages 8 MiB.
        const ulong Default = 1UL << 30, DefaultTable = 2UL << 20, Table = 8UL << 20;
        Assert.Equal(
            [2 * (Default + DefaultTable), (64UL << 30) + (2 * (DefaultTable + Table))],
            Totals("--machine", "pseries", "--guest", "64G", "--groups", "2"));
    }

    [Fact]
    public void Limits_of_powernv_share_windows_and_count_tables_twice()
    {
        const ulong Default = 2UL << 30, DefaultTable = 8UL << 20, Table = 16UL << 20;
        Assert.Equal(
            [2 * (Default + DefaultTable), (64UL << 30) + DefaultTable + Table],
            Totals("--machine", "powernv", "--guest", "64G", "--groups", "2"));
    }

    [Theory]
    [InlineData("--page-size", "8K")]
    [InlineData("--levels", "9")]
    [InlineData("--window", "3G")]
    [InlineData("--guest", "much")]
    public void Limits_refuse_what_cannot_be(string option, string value)
    {
        (int code, _, string error) = Run("limits", "--machine", "pseries", option, value);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("remedy", error, StringComparison.Ordinal);
    }

    private static ulong[] Totals(params string[] arguments)
    {
        (int code, string output, string error) = Run(["limits", "--json", .. arguments]);
        Assert.True(code == ExitCodes.Success, error);
        using JsonDocument document = JsonDocument.Parse(output);
        return [.. document.RootElement.GetProperty("plans").EnumerateArray().Select(plan => plan.GetProperty("bytes").GetUInt64())];
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        StringWriter output = new(), error = new();
        return (VfioTool.Run(arguments, output, error), output.ToString(), error.ToString());
    }
}
