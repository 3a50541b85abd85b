// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>Eventfds.</summary>
internal static class EventOperations
{
    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("eventfd", Create);
        operations.Add("evread", Take);
        operations.Add("evwait", Wait);
        operations.Add("evany", WaitForAny);
        operations.Add("evwrite", Signal);
    }

    private static void Create(ScriptContext context)
    {
        KernelResult created = context.Process.CreateEvent(context.Option32("init", 0));
        context.NameDescriptor(context.Text(0), created);
        context.Output.Descriptor(created);
    }

    private static void Take(ScriptContext context)
    {
        KernelResult result = context.Process.ReadEvent(context.Descriptor(0), out ulong count);
        context.Report(result.IsError ? result : KernelResult.Success);
        if (result.IsSuccess) context.Output.Field("count", count);
    }

    private static void Wait(ScriptContext context)
    {
        if (IsReady(context)) Take(context);
        else context.Output.Text("timeout");
    }

    private static void WaitForAny(ScriptContext context) =>
        context.Output.Text(
            IsReady(context) && context.Process.ReadEvent(context.Descriptor(0), out _).IsSuccess ? "signalled" : "timeout");

    private static bool IsReady(ScriptContext context) =>
        context.Process.PollEvent(context.Descriptor(0), context.Milliseconds(1));

    private static void Signal(ScriptContext context)
    {
        KernelResult result = context.Process.WriteEvent(
            context.Descriptor(0), context.Line.Positional.Count > 1 ? context.Number(1) : 1);
        context.Report(result.IsError ? result : KernelResult.Success);
    }
}
