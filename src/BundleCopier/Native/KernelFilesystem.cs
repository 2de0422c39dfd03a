namespace BundleCopier.Native;

/// <summary>
/// Filesystems that the kernel makes up: what has a name there is a setting, a process or a device, and a file cannot be
/// stored. Making a name tells, where it does not even do something else (in a cgroup filesystem it makes a group), and who
/// only looks must not make one; so they are known by their numbers.
/// </summary>
internal static class KernelFilesystem
{
    /// <summary>The filesystem's name, as mount(8) shows it; null for one that stores files.</summary>
    /// <param name="type">What statfs(2) calls <c>f_type</c>; linux/magic.h, or the filesystem's own source.</param>
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
        _ => null,
    };
}
