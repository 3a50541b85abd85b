// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Scripts;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Cli.Tests.Scripts;

public sealed class ScriptOutputTests : IDisposable
{
    private readonly StringWriter _text = new();
    private readonly ScriptOutput _output;

    public ScriptOutputTests() => _output = new ScriptOutput(_text) { LineNumber = 3, Operation = "map" };

    public void Dispose() => _text.Dispose();

    [Fact]
    public void Result_zero_prints_zero()
    {
        _output.Result(KernelResult.Success);
        Assert.Equal("3 map: 0", _text.ToString());
    }

    [Fact]
    public void Result_positive_prints_hexadecimal()
    {
        _output.Result(KernelResult.Ok(26));
        Assert.Equal("3 map: 0x1a", _text.ToString());
    }

    [Fact]
    public void Result_error_prints_its_name()
    {
        _output.Result(KernelResult.Fail(Errno.EEXIST, "overlap"));
        Assert.Equal("3 map: -EEXIST", _text.ToString());
    }

    [Fact]
    public void Result_error_without_a_name_prints_its_number()
    {
        _output.Result(KernelResult.FailSilently((Errno)524));
        Assert.Equal("3 map: -E524", _text.ToString());
    }

    [Fact]
    public void Changed_on_failure_prints_only_what_changed()
    {
        KernelResult failed = KernelResult.FailSilently(Errno.EINVAL);
        _output.Result(failed);
        _output.Changed(failed, "same", 1, 1);
        _output.Changed(failed, "size", 1, 2);
        Assert.Equal("3 map: -EINVAL size=0x2", _text.ToString());
    }

    [Fact]
    public void Changed_on_success_prints_everything()
    {
        _output.Result(KernelResult.Success);
        _output.Changed(KernelResult.Success, "size", 1, 1);
        Assert.Equal("3 map: 0 size=0x1", _text.ToString());
    }

    [Fact]
    public void Fields_are_those_since_the_last_result()
    {
        _output.Text("0");
        _output.Field("old", 1);
        _output.Text("0");
        _output.Field("new", 2);
        Assert.Equal(["new"], _output.Fields.Select(field => field.Key));
    }
}
