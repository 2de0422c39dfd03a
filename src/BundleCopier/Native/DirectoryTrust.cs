using System.Globalization;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Which directories other users can change (docs/manifest.md, "Directories of other users"). Root and the user of this
/// process are trusted, and no other user.
/// </summary>
internal static class DirectoryTrust
{
    /// <summary>
    /// The bits of a mode by which users other than the owner may write: 0022, for the group and for all. Where a
    /// directory has an ACL, the group's bits are the ACL's mask: they are set when any other user or group of the ACL
    /// may write (acl(5)).
    /// </summary>
    public const uint WritableByOthers = 0x12;

    private const uint WritableByAll = 0x2; // 0002

    private const uint Sticky = 0x200; // 01000

    /// <summary>
    /// Why other users can rename what this user makes in a directory, as the rest of a sentence that begins with the
    /// directory's path; null when they cannot. In a directory with the sticky bit, such as /tmp, they can make names
    /// of their own, but neither rename nor remove those of this user.
    /// </summary>
    public static string? Problem(FileHandle directory, in FileStat status)
    {
        if (status.Server is { } server)
            return $"is on a filesystem that {FuseOwner.InWords(server)} has mounted (FUSE)";
        if (status.Uid != 0 && status.Uid != (uint)geteuid())
            return string.Create(CultureInfo.InvariantCulture, $"belongs to user {status.Uid}");
        if (!status.IsWritableByOthers || (status.Mode & Sticky) != 0)
            return null;
        return (status.Mode & WritableByAll) == 0 && IsOwnGroup(status) && !Calls.HasAcl(directory)
            ? null
            : "can be written by other users, and has no sticky bit";
    }

    /// <summary>
    /// Many systems give each user a group of the same number with no other member, and new directories the mode 0775.
    /// </summary>
    private static bool IsOwnGroup(in FileStat status)
    {
        uint user = (uint)geteuid();
        return user != 0 && (uint)getegid() == user && status.Gid == user;
    }
}

/// <summary>A directory on the way to a destination that other users can change.</summary>
/// <param name="Path">Its path; null where the kernel does not tell.</param>
/// <param name="Problem">See <see cref="DirectoryTrust.Problem"/>.</param>
internal sealed record UntrustedDirectory(string? Path, string Problem);
