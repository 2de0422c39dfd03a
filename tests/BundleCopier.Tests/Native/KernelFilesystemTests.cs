using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

/// <summary>The kernel's own filesystems are known before anything is made on them, and no other is taken for one.</summary>
public sealed class KernelFilesystemTests
{
    private static readonly HashSet<string> Known =
    [
        "proc", "sysfs", "configfs", "devpts", "debugfs", "tracefs", "securityfs", "selinuxfs", "smackfs", "cgroup", "cgroup2", "resctrl",
        "bpf", "binfmt_misc", "binder", "fusectl", "mqueue", "pstore", "efivarfs",
    ];

    [Fact]
    public void Every_one_that_is_mounted_here_is_known_by_its_name()
    {
        HashSet<string> seen = [];
        foreach ((string mount, string type) in Mounts().Where(static m => Known.Contains(m.Value)))
        {
            // Not all of them are for everybody.
            if (!LinuxKernel.Instance.OpenDirectory(mount).Try(out IDirectory? directory, out _))
                continue;
            using (directory)
                Assert.True(directory.KernelFilesystem == type, $"{mount} is {type}, and taken for {directory.KernelFilesystem ?? "one that stores files"}.");
            seen.Add(type);
        }

        Assert.Contains("proc", seen);
    }

    [Theory]
    [InlineData("/dev/shm")]
    [InlineData("/var/tmp")]
    public void What_stores_files_is_not_taken_for_one(string path)
    {
        Assert.True(LinuxKernel.Instance.OpenDirectory(path).Try(out IDirectory? directory, out _));
        using (directory)
            Assert.Null(directory.KernelFilesystem);
    }

    // The last of what is mounted on a directory is what is seen there.
    private static Dictionary<string, string> Mounts()
    {
        Dictionary<string, string> mounts = [];
        foreach (string[] fields in File.ReadLines("/proc/self/mounts").Select(static l => l.Split(' ')))
        {
            if (!fields[1].Contains('\\', StringComparison.Ordinal))
                mounts[fields[1]] = fields[2];
        }

        return mounts;
    }
}
