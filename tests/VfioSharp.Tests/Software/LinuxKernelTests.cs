// SPDX-License-Identifier: MIT
using Microsoft.Win32.SafeHandles;
using VfioSharp.Devices;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Supervisor;

namespace VfioSharp.Tests.Software;

/// <summary>
/// The client by the system calls of Linux: the sample as a process of its own on <c>LinuxKernel</c>, below
/// <c>vfio run</c>.
/// </summary>
public sealed class LinuxKernelTests
{
    [Fact]
    public void Sample_drives_edu_by_system_calls()
    {
        (int code, string output) = RunSample("0000:03:00.0", "--pread");
        Assert.True(code == 0, output);
        Assert.Contains("device 0000:03:00.0 on Linux: identification 0x010000ed, 12! = 479001600", output, StringComparison.Ordinal);
        Assert.Contains("\"carried by DMA\" and back, 3 interrupts", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Sample_is_told_that_a_device_does_not_exist()
    {
        (int code, string output) = RunSample("0000:7f:00.0", "--pread");
        Assert.Equal(1, code);
        Assert.Contains("failed with ENOENT: there is no device 0000:7f:00.0", output, StringComparison.Ordinal);
    }

    private static (int Code, string Output) RunSample(params string[] arguments)
    {
        string sample = Path.Combine(AppContext.BaseDirectory.Replace("VfioSharp.Tests", "EduDriver", StringComparison.Ordinal), "EduDriver");
        string file = Path.GetTempFileName();
        try
        {
            using (SafeFileHandle output = File.OpenHandle(file, FileMode.Append, FileAccess.Write))
            using (var host = new SoftwareHost(new X86Platform(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "x86.json")), DeviceCatalog.Default)))
            {
                int code = ProgramSupervisor.Run(host, [sample, .. arguments], new RunOptions { Output = output, Error = output });
                return (code, File.ReadAllText(file));
            }
        }
        catch (SupervisorException refused)
        {
            Assert.Skip(refused.Message);
            throw;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
