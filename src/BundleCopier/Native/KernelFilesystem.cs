namespace BundleCopier.Native;

/// <summary>
/// Filesystems of the kernel that cannot store files: a name there is a setting, a process or a device. They are
/// recognised by their numbers, because trying would have to create a name. A dry run must not do that, and it can
/// have effects: in a cgroup filesystem a new directory is a new group.
/// </summary>
internal static class KernelFilesystem
{
    /// <summary>The filesystem's name, as mount(8) shows it; null for a filesystem that stores files.</summary>
    /// <param name="type">
    /// The <c>f_type</c> of statfs(2). The numbers are from linux/magic.h or from the filesystem's source.
    /// </param>
    public static string? NameOf(long type) => type switch
    {
        0x9fa0 => "proc",
        0x6265_6572 => "sysfs",
        0x6265_6570 => "configfs",
        0x1cd1 => "devpts",
        0x6462_6720 => "debugfs",
        0x7472_6163 => "tracefs",
        0x7363_6673 => "securityfs",
        0xf97c_ff8c => "selinuxfs",
        0x4341_5d53 => "smackfs",
        0x0027_e0eb => "cgroup",
        0x6367_7270 => "cgroup2",
        0x0765_5821 => "resctrl",
        0xcafe_4a11 => "bpf",
        0x4249_4e4d => "binfmt_misc",
        0x6c6f_6f70 => "binder",
        0x6573_5543 => "fusectl",
        0x1980_0202 => "mqueue",
        0x6165_676c => "pstore",
        0xde5e_81e4 => "efivarfs",
        0x6e73_6673 => "nsfs",
        0x5049_4446 => "pidfs",
        _ => null,
    };
}
