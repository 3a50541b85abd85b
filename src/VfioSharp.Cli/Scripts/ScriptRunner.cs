// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Scripts.Operations;
using VfioSharp.Host.Callers;

namespace VfioSharp.Cli.Scripts;

/// <summary>One operation of the language.</summary>
internal delegate void ScriptOperation(ScriptContext context);

/// <summary>
/// Runs a script on a process of the software host and prints what the recorded runner prints on a real kernel. A
/// line never ends the script.
/// </summary>
internal sealed class ScriptRunner
{
    private static readonly Dictionary<string, ScriptOperation> Operations = Register();

    private readonly ScriptContext _context;

    /// <summary>A runner in a fresh process.</summary>
    public ScriptRunner(SoftwareProcess process, ScriptMachine machine, TextWriter writer)
        : this(new ScriptContext(process, machine, new ScriptOutput(writer)))
    {
    }

    private ScriptRunner(ScriptContext context) => _context = context;

    /// <summary>The operations known, by name.</summary>
    internal static IEnumerable<string> OperationNames => Operations.Keys;

    /// <summary>Runs all lines.</summary>
    public void Run(IEnumerable<ScriptLine> lines)
    {
        foreach (ScriptLine line in lines) Run(line);
    }

    /// <summary>Runs one line.</summary>
    public void Run(ScriptLine line)
    {
        _context.Line = line;
        _context.Output.LineNumber = line.Number;
        if (line.Operation == "child" && line.Positional.Count > 0)
        {
            RunInChild(line);
            return;
        }

        _context.Output.Operation = line.Operation;
        if (Operations.TryGetValue(line.Operation, out ScriptOperation? operation)) operation(_context);
        else _context.Output.Text("unknown op");
        _context.Output.EndLine();
    }

    // The forked process ends with its line: its descriptors are closed, its memory goes.
    private void RunInChild(ScriptLine line)
    {
        using SoftwareProcess child = _context.Process.Fork();
        new ScriptRunner(_context.Fork(child)).Run(line.ForChild());
    }

    private static Dictionary<string, ScriptOperation> Register()
    {
        Dictionary<string, ScriptOperation> operations = [];
        ScriptOperations.Register(operations);
        ProcessOperations.Register(operations);
        HostOperations.Register(operations);
        MemoryOperations.Register(operations);
        FileOperations.Register(operations);
        ContainerOperations.Register(operations);
        DeviceOperations.Register(operations);
        RegionOperations.Register(operations);
        EventOperations.Register(operations);
        Type1Operations.Register(operations);
        SpaprOperations.Register(operations);
        CharacterDeviceOperations.Register(operations);
        IommufdOperations.Register(operations);
        PageTableOperations.Register(operations);
        return operations;
    }
}
