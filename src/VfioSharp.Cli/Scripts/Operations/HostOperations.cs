// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>The machine's side: drivers, groups, attributes.</summary>
internal static class HostOperations
{
    // How long a rebind is waited for before it counts as blocked.
    private const ulong RebindMilliseconds = 5000;

    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("driver", Rebind);
        operations.Add("driver_bg", RebindInBackground);
        operations.Add("driver_wait", WaitForRebind);
        operations.Add("driver_of", ShowDriver);
        operations.Add("sysfs", WriteAttribute);
        operations.Add("write", WriteFile);
        operations.Add("same_group", CompareGroups);
    }

    private static void Rebind(ScriptContext context)
    {
        KernelResult? result = context.HostSide.RebindWithin(
            context.Text(0) ?? "", context.Text(1) ?? "none", context.Option("ms", RebindMilliseconds));
        if (result is { } ended) context.Report(ended);
        else context.Output.Text("blocked");
    }

    private static void RebindInBackground(ScriptContext context)
    {
        context.HostSide.RebindInBackground(context.Text(0) ?? "", context.Text(1) ?? "none");
        context.Output.Text("0");
    }

    private static void WaitForRebind(ScriptContext context)
    {
        if (!context.HostSide.IsRebinding) context.Output.Text("nochild");
        else if (context.HostSide.WaitForRebind(context.Number(0)) is { } ended) context.Report(ended);
        else context.Output.Text("running");
    }

    private static void ShowDriver(ScriptContext context) =>
        context.Output.Text(context.HostSide.DriverOf(context.Text(0) ?? "") ?? "none");

    private static void WriteAttribute(ScriptContext context) =>
        context.Report(WithoutCount(context.HostSide.PutAttribute(context.Text(0) ?? "", context.Text(1) ?? "", context.Text(2) ?? "")));

    private static void WriteFile(ScriptContext context) =>
        context.Report(WithoutCount(context.HostSide.Put(context.Text(0) ?? "", context.Text(1) ?? "")));

    private static void CompareGroups(ScriptContext context)
    {
        int group = context.HostSide.GroupOf(context.Text(0) ?? "");
        context.Output.Text(group >= 0 && group == context.HostSide.GroupOf(context.Text(1) ?? "") ? "yes" : "no");
    }

    private static KernelResult WithoutCount(KernelResult written) => written.IsError ? written : KernelResult.Success;
}
