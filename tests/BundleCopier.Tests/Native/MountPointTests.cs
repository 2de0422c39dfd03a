using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class MountPointTests
{
    [Theory]
    [InlineData("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw", "/mnt2", false, "98:0", "/dev/root")]
    [InlineData(@"36 28 0:20 / /a\040b\134c rw - fuse.sshfs host: rw", @"/a b\c", false, "0:20", "host:")]
    [InlineData("36 28 0:21 / /dev/shm rw shared:3 master:2 - tmpfs tmpfs rw", "/dev/shm", true, "0:21", "tmpfs")]
    public void A_line_of_mountinfo_is_a_mount(
        string line, string path, bool isInMemory, string device, string source) =>
        Assert.Equal(new MountPoint(path, isInMemory, 36, device, source), MountPoint.Parse(line));

    [Fact]
    public void The_path_of_a_mount_has_the_bytes_that_the_kernel_tells() => Assert.Equal(
        "/ü\udcff", MountPoint.Parse("22 28 0:20 / /\u00c3\u00bc\u00ff rw - ext4 /dev/a rw")!.Path);

    [Theory]
    [InlineData("")]
    [InlineData("36 35 98:0 / -")]
    public void Another_text_is_none(string line) => Assert.Null(MountPoint.Parse(line));

    [Fact]
    public void The_kernel_has_a_root() => Assert.Contains(MountPoint.All(), static mount => mount.Path == "/");
}
