using System.Globalization;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Whose server answers for the files of a filesystem. Any user may mount one of FUSE (fusermount3(1)), and with the
/// option allow_other its server can claim any owner and mode to all users. So what it shows counts as its user's.
/// </summary>
internal static class FuseOwner
{
    /// <summary>A user whose number is not known. No user has this number: it means "no change" in chown(2).</summary>
    public const uint Unknown = uint.MaxValue;

    private const long FuseMagic = 0x6573_5546; // linux/magic.h

    /// <summary>The user of the server; null where the kernel, root or this user answers.</summary>
    /// <param name="handle">A file of the filesystem.</param>
    /// <param name="device">The number of its filesystem (stat(2)).</param>
    public static uint? Of(FileHandle handle, ulong device)
    {
        // The kernel tells the type, but only if the server answers.
        if (Calls.FilesystemStatus(handle, out StatFs status).IsOk && status.Type != FuseMagic)
            return null;
        uint? user = UserOf(device, MountPoint.All());
        return user == 0 || user == (uint)geteuid() ? null : user;
    }

    /// <summary>The user that a filesystem belongs to, by the mounts of this process's namespace.</summary>
    internal static uint? UserOf(ulong device, IReadOnlyList<MountPoint> mounts)
    {
        string number = LinuxDiskCounter.NameOf(device);
        // Not found: it is mounted in another namespace, and reached through /proc/PID/root.
        return mounts.LastOrDefault(mount => mount.Device == number) is { } found ? found.FuseUser : Unknown;
    }

    /// <summary>The user in words.</summary>
    public static string InWords(uint user) =>
        user == Unknown ? "another user" : string.Create(CultureInfo.InvariantCulture, $"the user {user}");
}
