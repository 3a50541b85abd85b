// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>What a process may do, and what it has locked.</summary>
internal static class ProcessOperations
{
    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("rlimit", LimitResource);
        operations.Add("dropcap", DropCapabilities);
        operations.Add("setuid", SetUser);
        operations.Add("locked", ShowLocked);
    }

    private static void LimitResource(ScriptContext context)
    {
        // The model does not limit descriptors.
        ulong limit = context.Text(1) == "inf" ? ulong.MaxValue : context.Number(1);
        context.Report(context.Text(0) == "nofile" ? KernelResult.Success : context.Process.Limits.SetMemlock(limit));
    }

    private static void DropCapabilities(ScriptContext context)
    {
        for (int i = 0; i < context.Line.Positional.Count; i++)
            context.Process.Limits.Drop((int)context.Number(i));
        context.Report(KernelResult.Success);
    }

    private static void SetUser(ScriptContext context) =>
        context.Report(context.Process.Limits.SetUser((uint)context.Number(0)));

    // VFIO charges locked_vm (VmLck), iommufd pinned_vm (VmPin).
    private static void ShowLocked(ScriptContext context)
    {
        context.Output.Text("0");
        context.Output.Field("lck_kb", context.Process.Caller.Locked.Bytes >> 10);
        context.Output.Field("pin_kb", 0);
    }
}
