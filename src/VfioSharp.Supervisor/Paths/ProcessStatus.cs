// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using VfioSharp.Supervisor.Programs;

namespace VfioSharp.Supervisor.Paths;

/// <summary>/proc/PID/status of a program, with the memory that the host has locked for it in VmLck (fs/proc/task_mmu.c: task_mem).</summary>
internal static class ProcessStatus
{
    private const string Locked = "VmLck:";

    /// <summary>The process whose status a path is, from the caller's view; null for other paths.</summary>
    public static int? ProcessOf(string path, RemoteProcess caller)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["proc", var who, "status"]) return null;
        if (who is "self" or "thread-self") return caller.Id;
        return int.TryParse(who, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null;
    }

    /// <summary>The text; null when the process is gone.</summary>
    public static byte[]? Read(RemoteProcess process)
    {
        try
        {
            string text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/status"));
            int start = text.IndexOf(Locked, StringComparison.Ordinal);
            if (start < 0) return Encoding.UTF8.GetBytes(text);
            int end = text.IndexOf('\n', start);
            ulong own = ulong.Parse(text.AsSpan(start + Locked.Length, end - start - Locked.Length - " kB".Length).Trim(), CultureInfo.InvariantCulture);
            ulong kib = own + (process.Caller.Locked.Bytes >> 10);
            return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text[..start]}{Locked}\t{kib,8} kB{text[end..]}"));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
