// SPDX-License-Identifier: MIT
using System.Text.Json;
using VfioSharp.Cli.Commands;

namespace VfioSharp.Cli.Tests.Commands;

public sealed class VfioToolTests
{
    [Fact]
    public void Show_lists_the_devices_of_the_ready_machine()
    {
        (int code, string output, string error) = Run("show");
        Assert.Equal(ExitCodes.Success, code);
        Assert.Contains("0000:03:00.0", output, StringComparison.Ordinal);
        Assert.Empty(error);
    }

    [Fact]
    public void Show_json_is_json_with_groups()
    {
        (int code, string output, _) = Run("show", "--json");
        Assert.Equal(ExitCodes.Success, code);
        using JsonDocument document = JsonDocument.Parse(output);
        Assert.NotEqual(0, document.RootElement.GetProperty("groups").GetArrayLength());
    }

    [Fact]
    public void Script_prints_the_answers()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "container c\napi_version c\nnonsense\n");
        (int code, string output, _) = Run("script", file);
        File.Delete(file);
        Assert.Equal(ExitCodes.Success, code);
        Assert.Equal("1 container: fd\n2 api_version: 0\n3 nonsense: unknown op\n", output);
    }

    [Theory]
    [InlineData("show", "--machine", "nosuch")]
    [InlineData("script", "/nonexistent/script.vfio")]
    [InlineData("conformance", "--scenarios", "/nonexistent", "--answers", "/nonexistent")]
    [InlineData("conformance")]
    [InlineData("nosuchcommand")]
    [InlineData("run", "--", "/nonexistent/program")]
    [InlineData("show", "--nosuchoption")]
    public void Wrong_input_is_told_in_one_line_with_a_remedy(params string[] arguments)
    {
        (int code, _, string error) = Run(arguments);
        Assert.Equal(ExitCodes.Usage, code);
        string[] lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("vfio: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("remedy: ", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Machine_file_error_names_the_place()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "{ \"nonsense\": 1 }");
        (int code, _, string error) = Run("show", "--machine", file);
        File.Delete(file);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains(file, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("show")]
    [InlineData("script")]
    [InlineData("conformance")]
    [InlineData("run")]
    public void Help_shows_examples(string command)
    {
        (int code, string output, _) = Run(command, "--help");
        Assert.Equal(ExitCodes.Success, code);
        Assert.Contains("Examples:", output, StringComparison.Ordinal);
        Assert.Contains("vfio " + command, output, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int code = VfioTool.Run(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
