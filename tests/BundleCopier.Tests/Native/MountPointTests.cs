using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class MountPointTests
{
    [Theory]
    [InlineData("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw", "/mnt2", false, "98:0", "/dev/root")]
    [InlineData(@"36 28 0:20 / /a\040b\134c rw - nfs4 host: rw", @"/a b\c", false, "0:20", "host:")]
    [InlineData("36 28 0:21 / /dev/shm rw shared:3 master:2 - tmpfs tmpfs rw", "/dev/shm", true, "0:21", "tmpfs")]
    public void A_line_of_mountinfo_is_a_mount(
        string line, string path, bool isInMemory, string device, string source) =>
        Assert.Equal(new MountPoint(path, isInMemory, 36, device, source), MountPoint.Parse(line));

    [Fact]
    public void The_path_of_a_mount_has_the_bytes_that_the_kernel_tells() => Assert.Equal(
        "/ü\udcff", MountPoint.Parse("22 28 0:20 / /\u00c3\u00bc\u00ff rw - ext4 /dev/a rw")!.Path);

    [Theory]
    [InlineData("fuse.sshfs host: rw,user_id=1000,group_id=0,allow_other", 1000u)]
    [InlineData("fuseblk /dev/a rw,user_id=0", 0u)]
    [InlineData("fuse.a,user_id=0 b,user_id=0 rw,user_id=7", 7u)]
    [InlineData("fuse a rw", FuseOwner.Unknown)]
    [InlineData("virtiofs a rw", null)]
    [InlineData("ext4 user_id=0 rw,user_id=7", null)]
    public void A_mount_of_FUSE_has_the_user_who_mounted_it(string end, uint? user)
    {
        MountPoint mount = MountPoint.Parse($"36 28 0:20 / /a rw - {end}")!;
        Assert.Equal(user, mount.FuseUser);
        Assert.Equal(user, FuseOwner.UserOf(20, [mount]));
        Assert.Equal(FuseOwner.Unknown, FuseOwner.UserOf(21, [mount]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("36 35 98:0 / -")]
    public void Another_text_is_none(string line) => Assert.Null(MountPoint.Parse(line));

    [Fact]
    public void The_kernel_has_a_root() => Assert.Contains(MountPoint.All(), static mount => mount.Path == "/");
}
