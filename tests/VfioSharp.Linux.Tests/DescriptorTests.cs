// SPDX-License-Identifier: MIT
namespace VfioSharp.Linux.Tests;

public sealed class DescriptorTests
{
    [Fact]
    public void Open_of_a_missing_path_returns_ENOENT()
    {
        SyscallResult result = Descriptors.Open("/no/such/file", OpenFlags.ReadOnly, out SafeDescriptor? descriptor);
        Assert.Equal(Errno.ENOENT, result.Errno);
        Assert.Null(descriptor);
        Assert.Equal(-1, result.Value);
    }

    [Fact]
    public void Read_of_a_closed_number_returns_EBADF() =>
        Assert.Equal(Errno.EBADF, Descriptors.Read(-1, new byte[1]).Errno);

    [Fact]
    public void Disposing_a_descriptor_closes_its_number()
    {
        Descriptors.Open("/dev/null", OpenFlags.ReadWrite | OpenFlags.CloseOnExec, out SafeDescriptor? descriptor);
        Descriptors.Identify(descriptor!.Number, out FileIdentity identity, out _);
        Descriptors.Identify("/dev/null", out FileIdentity expected, out _);
        Assert.Equal(expected, identity);
        int number = descriptor.Number;
        descriptor.Dispose();
        // Another thread of the test run may have taken the number since: then it is another file.
        bool same = Descriptors.Identify(number, out FileIdentity after, out _) is { IsError: false } && after == identity;
        Assert.False(same);
    }

    [Fact]
    public void ReadLink_shows_the_target_of_proc_self_exe()
    {
        Assert.False(Descriptors.ReadLink("/proc/self/exe", out string? target).IsError);
        Assert.Equal(Environment.ProcessPath, target);
    }

    [Fact]
    public void ReadLink_of_a_plain_file_returns_EINVAL() =>
        Assert.Equal(Errno.EINVAL, Descriptors.ReadLink("/dev/null", out _).Errno);

    [Fact]
    public void Ioctl_unknown_to_a_file_returns_ENOTTY()
    {
        Descriptors.Open("/dev/null", OpenFlags.ReadWrite | OpenFlags.CloseOnExec, out SafeDescriptor? descriptor);
        using (descriptor) Assert.Equal(Errno.ENOTTY, Descriptors.Ioctl(descriptor!.Number, 0x3b64, 0).Errno);
    }

    [Fact]
    public void IdentifyAt_follows_the_links_of_proc_self_fd()
    {
        Descriptors.Open("/proc/self/fd", OpenFlags.PathOnly | OpenFlags.CloseOnExec, out SafeDescriptor? folder);
        Descriptors.Open("/dev/null", OpenFlags.ReadOnly | OpenFlags.CloseOnExec, out SafeDescriptor? file);
        using (folder)
        using (file)
        {
            byte[] name = System.Text.Encoding.ASCII.GetBytes($"{file!.Number}\0");
            Assert.False(Descriptors.IdentifyAt(folder!.Number, name, out FileIdentity byLink).IsError);
            Descriptors.Identify(file.Number, out FileIdentity direct, out _);
            Assert.Equal(direct, byLink);
        }
    }
}
