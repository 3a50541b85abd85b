// SPDX-License-Identifier: MIT
using System.Globalization;

namespace VfioSharp.Linux.Tests;

public sealed unsafe class ProcessTests
{
    [Fact]
    public void Own_memory_is_read_and_written_and_a_hole_is_EFAULT()
    {
        MappedMemory.MapAnonymousMemory(8192, out MappedMemory? memory);
        using (memory)
        {
            ulong address = (ulong)memory!.Start;
            Assert.Equal(3, ProcessMemoryAccess.Write(Environment.ProcessId, address + 4094, [7, 8, 9]).Value);
            byte[] back = new byte[3];
            Assert.Equal(3, ProcessMemoryAccess.Read(Environment.ProcessId, address + 4094, back).Value);
            Assert.Equal([7, 8, 9], back);
            Assert.Equal(Errno.EFAULT, ProcessMemoryAccess.Read(Environment.ProcessId, 8, back).Errno);
        }
    }

    [Fact]
    public void Areas_show_protection_and_extent_of_a_mapping()
    {
        MappedMemory.MapAnonymousMemory(4096 * 3, out MappedMemory? memory);
        using (memory)
        {
            MappedAreas.Open(Environment.ProcessId, out MappedAreas? areas);
            using (areas)
            {
                ulong address = (ulong)memory!.Start;
                Assert.True(areas!.TryFind(address + 5000, out MappedArea area));
                Assert.True(area is { Readable: true, Writable: true, Shared: false });
                Assert.True(area.Start <= address && area.End >= address + 4096 * 3);
                Assert.False(areas.TryFind(16, out _));
            }
        }
    }

    [Fact]
    public void A_line_of_maps_is_parsed()
    {
        Assert.True(MappedAreas.TryParse("7f0000000000-7f0000003000 rw-s 00001000 fe:0a 123456                    /memfd:x (deleted)", out MappedArea area));
        Assert.Equal(new MappedArea(0x7f0000000000, 0x7f0000003000, true, true, true, 0x1000, new FileIdentity(0xfe, 0xa, 123456)), area);
        Assert.False(MappedAreas.TryParse("nonsense", out _));
    }

    [Fact]
    public void A_program_is_started_and_its_exit_code_returned()
    {
        SyscallResult started = ChildProgram.Start(new ChildProgramStart(["sh", "-c", "exit $CODE"], new Dictionary<string, string> { ["CODE"] = "7" }));
        Assert.False(started.IsError);
        ProcessDescriptor.Open((int)started.Value, out ProcessDescriptor? process);
        using (process)
        {
            Assert.Equal(7, process!.WaitForExit().Value);
            Assert.True(process.HasExited);
        }
    }

    [Fact]
    public void A_killed_program_returns_128_and_the_signal()
    {
        int id = (int)ChildProgram.Start(new ChildProgramStart(["sleep", "100"])).Value;
        ProcessDescriptor.Open(id, out ProcessDescriptor? process);
        using (process)
        {
            Assert.False(process!.HasExited);
            process.Signal(9);
            Assert.Equal(137, process.WaitForExit().Value);
        }
    }

    [Fact]
    public void A_missing_program_is_ENOENT() =>
        Assert.Equal(Errno.ENOENT, ChildProgram.Start(new ChildProgramStart(["no-such-program-anywhere"])).Errno);

    [Fact]
    public void A_descriptor_is_copied_out_of_a_process()
    {
        using SafeDescriptor e = new((int)EventDescriptor.Create(5).Value);
        ProcessDescriptor.Open(Environment.ProcessId, out ProcessDescriptor? self);
        using (self)
        {
            Assert.False(self!.CopyDescriptor(e.Number, out SafeDescriptor? copy).IsError);
            using (copy)
            {
                EventDescriptor.Take(copy!.Number, out ulong count);
                Assert.Equal(5UL, count);
            }

            Assert.Equal(Errno.EBADF, self.CopyDescriptor(1 << 20, out _).Errno);
        }
    }

    [Fact]
    public void Limits_and_capabilities_agree_with_proc()
    {
        string capabilities = File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith("CapEff:", StringComparison.Ordinal))[7..].Trim();
        Assert.False(ProcessCredentials.ReadCapabilities(0, out ulong effective).IsError);
        Assert.Equal(ulong.Parse(capabilities, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), effective);
        string limit = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max locked memory", StringComparison.Ordinal))[17..].TrimStart().Split(' ')[0];
        Assert.False(ProcessCredentials.ReadMemlockLimit(0, out ulong bytes).IsError);
        Assert.Equal(limit, bytes == ProcessCredentials.Unlimited ? "unlimited" : bytes.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void The_last_close_of_a_reopened_memory_file_is_seen_once()
    {
        MemoryFile.Create("watched", 4096, out SafeDescriptor? original);
        MemoryFile.Reopen(original!, OpenFlags.ReadWrite, out SafeDescriptor? opened);
        InotifyWatch.Create(out InotifyWatch? watch);
        using (watch)
        {
            original!.Dispose();
            int number = (int)watch!.AddCloseWatch(MemoryFile.PathOf(opened!)).Value;
            List<(int Watch, string Name)> closed = [];
            ProcessDescriptor.Open(Environment.ProcessId, out ProcessDescriptor? self);
            self!.CopyDescriptor(opened!.Number, out SafeDescriptor? copy);
            opened.Dispose();
            watch.Drain(closed);
            Assert.Empty(closed);
            copy!.Dispose();
            Assert.True(watch.Drain(closed));
            Assert.Equal([(number, "")], closed);
            self.Dispose();
        }
    }
}
