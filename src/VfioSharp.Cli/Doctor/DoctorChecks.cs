// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Runtime.InteropServices;
using VfioSharp.Cli.Commands;
using VfioSharp.Host;
using VfioSharp.Linux;
using VfioSharp.Supervisor;

namespace VfioSharp.Cli.Doctor;

/// <summary>What <c>vfio run</c> needs of a computer. Each check judges a value that it is given, so all its answers can be had.</summary>
internal static class DoctorChecks
{
    private const string InProcess = "use the software host in process: vfio script, the client library";
    private const ulong EnoughLockedBytes = 64 << 20;
    private const ulong FirstServedDescriptor = 512;
    private const ulong UsualDescriptors = 1024;
    private const ulong CapSysPtrace = 1UL << 19;
    private const ulong CapIpcLock = 1UL << 14;

    /// <summary>Looks at this computer.</summary>
    public static DoctorReport Run(SoftwareHost host)
    {
        _ = ProcessCredentials.ReadCapabilities(0, out ulong capabilities);
        _ = ProcessCredentials.ReadMemlockLimit(0, out ulong locked);
        _ = ProcessCredentials.ReadDescriptorLimit(0, out ulong descriptors);
        DoctorCheck[] checks =
        [
            Processor(OperatingSystem.IsLinux(), RuntimeInformation.ProcessArchitecture),
            Kernel(Environment.OSVersion.Version),
            Notification(TryRun(host)),
            PtraceScope(ReadText("/proc/sys/kernel/yama/ptrace_scope"), (capabilities & CapSysPtrace) != 0),
            LockedMemory(locked, (capabilities & CapIpcLock) != 0),
            DescriptorLimit(descriptors),
            Shell(File.Exists("/bin/sh")),
            DeviceMemory(TryMount()),
        ];
        return new DoctorReport(checks.All(check => check.State != DoctorState.Failed), checks);
    }

    /// <summary>The supervisor knows the calls of one architecture.</summary>
    public static DoctorCheck Processor(bool isLinux, Architecture architecture) => isLinux && architecture == Architecture.X64
        ? Ok("platform", "x86-64 Linux")
        : new("platform", DoctorState.Failed, $"{(isLinux ? "Linux" : "no Linux")}, {architecture}", "use an x86-64 Linux; elsewhere " + InProcess);

    /// <summary>seccomp's notifications came with 5.9 as far as they are used, their waits that signals do not break with 5.19.</summary>
    public static DoctorCheck Kernel(Version version) => version switch
    {
        _ when version < new Version(5, 9) => new("kernel", DoctorState.Failed, $"Linux {version}", "it needs Linux 5.9 or later: install a newer kernel, or " + InProcess),
        _ when version < new Version(5, 19) => new("kernel", DoctorState.Warning, $"Linux {version}: signals break served calls off (EINTR)", "Linux 5.19 or later does not"),
        _ => Ok("kernel", $"Linux {version}"),
    };

    /// <summary>A program was run, or why not.</summary>
    public static DoctorCheck Notification(SupervisorException? refused) => refused is null
        ? Ok("seccomp", "a program ran below seccomp's user notification")
        : new("seccomp", DoctorState.Failed, refused.Cause, refused.Remedy);

    /// <summary>Programs are descendants of the supervisor, which is all that scope 1 wants.</summary>
    public static DoctorCheck PtraceScope(string? scope, bool isPrivileged) => scope switch
    {
        null => Ok("ptrace", "no Yama: programs of the same user can be served"),
        "0" or "1" => Ok("ptrace", $"kernel.yama.ptrace_scope is {scope}: programs that vfio run starts can be served"),
        "2" when isPrivileged => Ok("ptrace", "kernel.yama.ptrace_scope is 2, and this user has CAP_SYS_PTRACE"),
        "2" => new("ptrace", DoctorState.Failed, "kernel.yama.ptrace_scope is 2: their memory cannot be read", "sudo sysctl kernel.yama.ptrace_scope=1"),
        _ => new("ptrace", DoctorState.Failed, $"kernel.yama.ptrace_scope is {scope}: nobody may look into another process", "set kernel.yama.ptrace_scope=1 in /etc/sysctl.d and start the computer again"),
    };

    /// <summary>MAP_DMA counts against the program's limit, as on Linux.</summary>
    public static DoctorCheck LockedMemory(ulong bytes, bool isPrivileged)
    {
        if (isPrivileged) return Ok("memlock", "CAP_IPC_LOCK: the limit of locked memory does not bind");
        if (bytes == ProcessCredentials.Unlimited) return Ok("memlock", "locked memory is not limited");
        string found = $"programs may map {ByteCount.Text(bytes)} for DMA";
        return bytes >= EnoughLockedBytes
            ? Ok("memlock", found)
            : new("memlock", DoctorState.Warning, found + ", then MAP_DMA is ENOMEM", "vfio run --memlock unlimited; or, to have it as on a real machine, sudo prlimit --memlock=unlimited --pid $$ in the shell that starts it");
    }

    /// <summary>VFIO's descriptors have numbers from 512 on.</summary>
    public static DoctorCheck DescriptorLimit(ulong count) => count switch
    {
        <= FirstServedDescriptor => new("descriptors", DoctorState.Failed, $"{count} open files: VFIO's begin at {FirstServedDescriptor}", "ulimit -n 1024"),
        < UsualDescriptors => new("descriptors", DoctorState.Warning, $"{count} open files, {count - FirstServedDescriptor} of them VFIO's", "ulimit -n 1024"),
        _ => Ok("descriptors", $"{count} open files"),
    };

    /// <summary>A shell ends the programs of a supervisor that was killed.</summary>
    public static DoctorCheck Shell(bool exists) => exists
        ? Ok("shell", "/bin/sh is there")
        : new("shell", DoctorState.Warning, "no /bin/sh: programs outlive a supervisor that is killed", "install a shell in the image");

    /// <summary>Memory of devices is mapped natively by a file system of exact size.</summary>
    public static DoctorCheck DeviceMemory(string? refused) => refused is null
        ? Ok("device memory", "programs map it natively")
        : new(
            "device memory",
            DoctorState.Warning,
            $"it is trapped like registers, which is slow: unshare and mount of a tmpfs failed ({refused})",
            "sudo sysctl user.max_user_namespaces=15000, where AppArmor restricts them sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0; in a container --cap-add SYS_ADMIN");

    private static DoctorCheck Ok(string name, string found) => new(name, DoctorState.Ok, found, null);

    private static string? TryMount()
    {
        using var folder = SizedFolder.Create((ulong)MappedMemory.PageSize, ChildProgram.Start, out string reason);
        return folder is null ? reason : null;
    }

    private static SupervisorException? TryRun(SoftwareHost host)
    {
        try
        {
            ProgramSupervisor.Run(host, ["true"], new RunOptions());
            return null;
        }
        catch (SupervisorException refused)
        {
            return refused;
        }
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
