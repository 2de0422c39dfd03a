using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

/// <summary>
/// Filesystems that cannot store files are recognised without creating anything; no other filesystem is.
/// </summary>
public sealed class KernelFilesystemTests
{
    private static readonly HashSet<string> Known =
    [
        "proc", "sysfs", "configfs", "devpts", "debugfs", "tracefs", "securityfs", "selinuxfs", "smackfs", "cgroup",
        "cgroup2", "resctrl", "bpf", "binfmt_misc", "binder", "fusectl", "mqueue", "pstore", "efivarfs",
    ];

    [Fact]
    public void Each_kernel_filesystem_that_is_mounted_here_is_recognised()
    {
        HashSet<string> seen = [];
        foreach ((string mount, string type) in Mounts().Where(static m => Known.Contains(m.Value)))
        {
            // This user may not open all of them.
            if (!LinuxKernel.Instance.OpenDirectory(mount).Try(out IDirectory? directory, out _))
                continue;
            using (directory)
            {
                string found = directory.KernelFilesystem ?? "one that stores files";
                Assert.True(found == type, $"{mount} is {type}, but was recognised as {found}.");
            }

            seen.Add(type);
        }

        Assert.Contains("proc", seen);
    }

    [Theory]
    [InlineData("/dev/shm")]
    [InlineData("/var/tmp")]
    public void A_filesystem_that_stores_files_is_not_recognised_as_one(string path)
    {
        Assert.True(LinuxKernel.Instance.OpenDirectory(path).Try(out IDirectory? directory, out _));
        using (directory)
            Assert.Null(directory.KernelFilesystem);
    }

    // When several filesystems are mounted on one directory, the last one is visible.
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
