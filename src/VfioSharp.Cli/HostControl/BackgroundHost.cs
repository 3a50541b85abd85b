// SPDX-License-Identifier: MIT
using System.Text;
using VfioSharp.Cli.Commands;
using VfioSharp.Linux;

namespace VfioSharp.Cli.HostControl;

/// <summary>Starts a host as a process of its own, in a session without a terminal; what it says goes to its log.</summary>
internal static class BackgroundHost
{
    /// <summary>Starts it, and waits until it can be used or has failed.</summary>
    public static int Start(string name, string machine, TextWriter output)
    {
        HostFolder.Create();
        string log = HostFolder.LogOf(name);
        string[] self = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
            ? [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]]
            : [Environment.ProcessPath!];
        if (Descriptors.CreatePipe(out SafeDescriptor? reader, out SafeDescriptor? writer).IsError)
            throw new CommandFailure(ExitCodes.Environment, "no pipe could be made", "raise the limit of open files (ulimit -n)");
        using (reader)
        {
            SyscallResult started;
            // A host that runs is asked not to be started before its log is written over.
            if (HostClient.IsAlive(name))
                throw new CommandFailure(ExitCodes.Failure, $"host {name} runs already", $"vfio host stop --name {name} ends it; another --name starts another");
            using (writer)
            using (FileStream nothing = File.OpenRead("/dev/null"))
            using (FileStream errors = new(log, FileMode.Create, FileAccess.Write, FileShare.ReadWrite))
            {
                started = ChildProgram.Start(new ChildProgramStart(
                    [.. self, "host", "start", "--name", name, "--machine", machine],
                    Input: nothing.SafeFileHandle, Output: writer, Error: errors.SafeFileHandle)
                { LeadsSession = true });
            }

            if (started.IsError) throw new CommandFailure(ExitCodes.Environment, $"the host's process could not be started ({started.Errno})", "vfio host start, without --detach, tells more");
            string said = ReadLine(reader!);
            if (said.Length == 0) throw new CommandFailure(ExitCodes.Failure, $"host {name} did not start: {File.ReadAllText(log).Trim()}", "vfio host start, without --detach, tells more");
            output.WriteLine(said);
            return ExitCodes.Success;
        }
    }

    // Its first line comes when it listens; without one it has ended.
    private static string ReadLine(SafeDescriptor from)
    {
        List<byte> line = [];
        byte[] one = new byte[1];
        while (Descriptors.Read(from.Number, one) is { IsError: false, Value: 1 } && one[0] != '\n') line.Add(one[0]);
        return Encoding.UTF8.GetString([.. line]);
    }
}
