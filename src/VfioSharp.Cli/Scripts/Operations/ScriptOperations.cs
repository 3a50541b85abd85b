// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Eeh;
using VfioSharp.Pci;

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

    // The modelled machine has no programs but one: /freeze ALIAS BITS, which pokes the host bridge (1 MMIO, 2 DMA, 0
    // neither). To all else the answer is the shell's to a command it cannot find.
    private static void Shell(ScriptContext context)
    {
        string[] words = (context.Text(0) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["/freeze", string alias, string bits])
        {
            context.Output.Begin("sh", "127");
            return;
        }

        bool done = PciAddress.TryParse(context.Machine.AddressOf(alias), out PciAddress address)
            && int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out int what) && what <= (int)PeFreeze.All
            && context.Process.Host.Freeze(address, (PeFreeze)what).IsSuccess;
        context.Output.Begin("sh", done ? "0" : "1");
    }
}
