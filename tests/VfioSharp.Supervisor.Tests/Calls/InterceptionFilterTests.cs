// SPDX-License-Identifier: MIT
using VfioSharp.Linux;
using VfioSharp.Supervisor.Calls;

namespace VfioSharp.Supervisor.Tests.Calls;

public sealed class InterceptionFilterTests
{
    private const uint I386 = 0x40000003;

    private static readonly BpfInstruction[] s_filter = InterceptionFilter.Build(new DescriptorWindow(512, 1024));

    public static TheoryData<string, int, ulong[]> Notified => new()
    {
        { "ioctl", 16, [3, 0x3B64] },
        { "ioctl of a request with garbage above 32 bits", 16, [3, 0xffffffff00003BFF] },
        { "open O_RDWR", 2, [0x7fff0000, 2] },
        { "open O_WRONLY|O_CREAT|O_TRUNC", 2, [0x7fff0000, 0x241] },
        { "openat O_RDWR|O_CLOEXEC", 257, [0xffffff9c, 0x7fff0000, 0x80002] },
        { "open O_RDONLY|O_CLOEXEC", 2, [0x7fff0000, 0x80000] },
        { "openat O_RDONLY", 257, [0xffffff9c, 0x7fff0000, 0] },
        { "pread in the window", 17, [512, 0, 4096, 0] },
        { "pwrite in the window", 18, [1023, 0, 4096, 0] },
        { "pread of region 1 by a copy", 17, [5, 0, 4096, 1UL << 40] },
        { "pread of region 7 by a copy", 17, [5, 0, 4096, (7UL << 40) + 0x10] },
        { "pread of a register of region 0 by a copy", 17, [5, 0, 4, 0x10] },
        { "write in the window", 1, [700, 0, 13] },
        { "close in the window", 3, [700] },
        { "dup2 into the window", 33, [4, 700] },
        { "dup3 into the window", 292, [4, 700, 0] },
        { "close_range over the window", 436, [3, 0xffffffff, 0] },
        { "mmap of the window", 9, [0, 4096, 3, 1, 600, 0] },
        { "readlink", 89, [0x7fff0000, 0, 0] },
        { "readlinkat", 267, [0xffffff9c, 0x7fff0000, 0, 0] },
        { "stat", 4, [0x7fff0000, 0x7fff1000] },
        { "lstat", 6, [0x7fff0000, 0x7fff1000] },
        { "access", 21, [0x7fff0000, 0] },
        { "newfstatat AT_SYMLINK_NOFOLLOW", 262, [0xffffff9c, 0x7fff0000, 0x7fff1000, 0x100] },
        { "statx", 332, [0xffffff9c, 0x7fff0000, 0, 0x7ff, 0x7fff1000] },
        { "faccessat", 269, [0xffffff9c, 0x7fff0000, 0] },
        { "faccessat2", 439, [0xffffff9c, 0x7fff0000, 0, 0x200] },
        { "execve", 59, [0, 0, 0] },
        { "execveat", 322, [0, 0, 0] },
    };

    public static TheoryData<string, int, ulong[]> Native => new()
    {
        { "getpid", 39, [] },
        { "read in the window", 0, [600, 0, 4096] },
        { "ioctl before VFIO's", 16, [3, 0x3B63] },
        { "ioctl after VFIO's", 16, [600, 0x3C00] },
        { "ioctl TCGETS", 16, [1, 0x5401] },
        { "fstat", 5, [3, 0x7fff1000] },
        { "newfstatat AT_EMPTY_PATH", 262, [3, 0x7fff0000, 0x7fff1000, 0x1000] },
        { "statx AT_EMPTY_PATH", 332, [3, 0x7fff0000, 0x1900, 0x7ff, 0x7fff1000] },
        { "pread of an ordinary file", 17, [5, 0, 4096, 0x1000] },
        { "pread of a large count whose low word is small", 17, [5, 0, 0x100000004, 0x1000] },
        { "pread beyond every region", 17, [5, 0, 4096, 1UL << 45] },
        { "pwrite just below the window", 18, [511, 0, 4096, 0] },
        { "write below the window", 1, [1, 0, 13] },
        { "write above the window", 1, [1024, 0, 13] },
        { "close below the window", 3, [5] },
        { "dup2 out of the window", 33, [700, 1] },
        { "close_range below the window", 436, [3, 200, 0] },
        { "mmap of anonymous memory", 9, [0, 4096, 3, 0x22, 0xffffffff, 0] },
        { "mmap of an ordinary file", 9, [0, 4096, 1, 2, 3, 0] },
    };

    [Theory]
    [MemberData(nameof(Notified))]
    public void Calls_that_may_be_VFIOs_are_notified(string what, int number, ulong[] arguments) =>
        Assert.True(FilterInterpreter.Run(s_filter, number, arguments) == BpfProgram.Notify, what);

    [Theory]
    [MemberData(nameof(Native))]
    public void Everything_else_stays_in_the_kernel(string what, int number, ulong[] arguments) =>
        Assert.True(FilterInterpreter.Run(s_filter, number, arguments) == BpfProgram.Allow, what);

    [Fact]
    public void Calls_of_other_architectures_stay_in_the_kernel()
    {
        Assert.Equal(BpfProgram.Allow, FilterInterpreter.Run(s_filter, 16, [3, 0x3B64], I386));
        Assert.Equal(BpfProgram.Allow, FilterInterpreter.Run(s_filter, 0x40000000 | 16, [3, 0x3B64]));
    }

    [Theory]
    [InlineData(1048576UL, 512, 1024)]
    [InlineData(1024UL, 512, 1024)]
    [InlineData(256UL, 128, 256)]
    public void The_window_lies_below_the_limit_of_descriptors(ulong limit, int first, int end) =>
        Assert.Equal(new DescriptorWindow(first, end), DescriptorWindow.For(limit));
}
