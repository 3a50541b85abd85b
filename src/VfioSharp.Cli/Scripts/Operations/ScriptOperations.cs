// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>What concerns the script alone: text, names, time.</summary>
internal static class ScriptOperations
{
    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("echo", Echo);
        operations.Add("let", Let);
        operations.Add("save", Save);
        operations.Add("sleep", Sleep);
        operations.Add("sh", Shell);
    }

    private static void Echo(ScriptContext context)
    {
        context.Output.Text("");
        context.Output.Append(string.Join(' ', context.Line.Words.Skip(1)));
    }

    private static void Let(ScriptContext context)
    {
        context.Symbols.SetVariable(context.Text(0) ?? "", context.Number(1));
        context.Output.Text("0");
    }

    // Takes a field of the line before; of several with the same name, the last.
    private static void Save(ScriptContext context)
    {
        bool found = false;
        foreach ((string key, ulong value) in context.Output.Fields)
        {
            if (context.Text(1) != key) continue;
            context.Symbols.SetVariable(context.Text(0) ?? "", value);
            found = true;
        }

        context.Output.Begin("save", found ? "0" : "nofield");
    }

    private static void Sleep(ScriptContext context)
    {
        Thread.Sleep(TimeSpan.FromMilliseconds(context.Number(0)));
        context.Output.Text("0");
    }

    // The modelled machine has no programs: the shell's answer to a command it cannot find.
    private static void Shell(ScriptContext context) => context.Output.Begin("sh", "127");
}
