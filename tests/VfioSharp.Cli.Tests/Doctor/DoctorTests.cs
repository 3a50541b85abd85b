// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Cli.Doctor;
using VfioSharp.Linux;
using VfioSharp.Supervisor;

namespace VfioSharp.Cli.Tests.Doctor;

public sealed class DoctorTests
{
    public static TheoryData<string, string, string?> Cases => new()
    {
        { Say(DoctorChecks.Processor(true, Architecture.X64)), "Ok", null },
        { Say(DoctorChecks.Processor(true, Architecture.Arm64)), "Failed", "use an x86-64 Linux" },
        { Say(DoctorChecks.Processor(false, Architecture.X64)), "Failed", "use an x86-64 Linux" },
        { Say(DoctorChecks.Kernel(new Version(5, 8))), "Failed", "install a newer kernel" },
        { Say(DoctorChecks.Kernel(new Version(5, 10))), "Warning", "5.19" },
        { Say(DoctorChecks.Kernel(new Version(6, 1))), "Ok", null },
        { Say(DoctorChecks.Notification(null)), "Ok", null },
        { Say(DoctorChecks.Notification(new SupervisorException("it is refused.", "allow it."))), "Failed", "allow it." },
        { Say(DoctorChecks.PtraceScope(null, false)), "Ok", null },
        { Say(DoctorChecks.PtraceScope("1", false)), "Ok", null },
        { Say(DoctorChecks.PtraceScope("2", true)), "Ok", null },
        { Say(DoctorChecks.PtraceScope("2", false)), "Failed", "sudo sysctl kernel.yama.ptrace_scope=1" },
        { Say(DoctorChecks.PtraceScope("3", true)), "Failed", "/etc/sysctl.d" },
        { Say(DoctorChecks.LockedMemory(8 << 20, true)), "Ok", null },
        { Say(DoctorChecks.LockedMemory(ProcessCredentials.Unlimited, false)), "Ok", null },
        { Say(DoctorChecks.LockedMemory(8 << 20, false)), "Warning", "vfio run --memlock unlimited" },
        { Say(DoctorChecks.DescriptorLimit(512)), "Failed", "ulimit -n 1024" },
        { Say(DoctorChecks.DescriptorLimit(700)), "Warning", "ulimit -n 1024" },
        { Say(DoctorChecks.DescriptorLimit(1024)), "Ok", null },
        { Say(DoctorChecks.Shell(false)), "Warning", "install a shell" },
        { Say(DoctorChecks.DeviceMemory(null)), "Ok", null },
        { Say(DoctorChecks.DeviceMemory("EPERM")), "Warning", "sudo sysctl user.max_user_namespaces" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_check_says_how_it_is_and_what_to_do(string said, string state, string? remedy)
    {
        Assert.StartsWith(state + "|", said, StringComparison.Ordinal);
        if (remedy is null) Assert.EndsWith("|", said, StringComparison.Ordinal);
        else Assert.Contains(remedy, said, StringComparison.Ordinal);
    }

    private static string Say(DoctorCheck check) => $"{check.State}|{check.Found}|{check.Remedy}";
}
