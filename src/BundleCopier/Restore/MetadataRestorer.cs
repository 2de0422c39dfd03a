using System.Globalization;
using BundleCopier.Input;
using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Restore;

/// <summary>
/// Gives a restored file the mode, owner, time and extended attributes of its source. A bundle can come from another
/// user, and then its receipt says what that user likes. So nothing is set that gives rights beyond the file: no
/// set-user-ID, set-group-ID and sticky bits, and no attributes but those of users and access lists.
/// </summary>
internal static class MetadataRestorer
{
    private const int PermissionBits = 0x1FF; // 0777
    private const int GroupBits = 0x38; // 0070

    private const string AccessList = "system.posix_acl_access"; // acl(5)

    // The policy of the machine gives each new file a label, and cp(1) keeps that one as well.
    private const string SelinuxLabel = "security.selinux";

    /// <summary>Sets what can be set. The file is complete: a later write would change its time.</summary>
    /// <param name="output">The file. It has no name yet, or a hidden one.</param>
    /// <param name="metadata">That of the source; null where the receipt has none.</param>
    /// <returns>What is not set, and why.</returns>
    public static IReadOnlyList<string> Apply(IOutputFile output, SourceMetadata? metadata)
    {
        if (metadata is null)
            return ["mode, owner and time are not in the receipt"];
        List<string> lost = [];
        // chown(2) takes set-user-ID bits and file capabilities away, and the rights of a file are those of its owner:
        // so the owner comes first. An access list contains the group's rights, which the mode then sets again. The
        // time comes last.
        bool hasOwner = SetOwner(output, metadata, lost, out bool hasGroup);
        SetXattrs(output, metadata, hasOwner, lost);
        SetMode(output, metadata.Mode, hasGroup, lost);
        if (output.SetModified(TimeOf(metadata)) is { IsOk: false } unset)
            lost.Add($"time: {unset.Error.Name}");
        return lost;
    }

    private static bool SetOwner(IOutputFile output, SourceMetadata metadata, List<string> lost, out bool hasGroup)
    {
        string owner = string.Create(CultureInfo.InvariantCulture, $"owner {metadata.Uid}:{metadata.Gid}");
        // chown(2) takes the number for "leave it".
        bool isPossible = metadata.Uid != uint.MaxValue && metadata.Gid != uint.MaxValue;
        IoResult set = isPossible ? output.SetOwner(metadata.Uid, metadata.Gid) : IoResult.Failed(EINVAL);
        // A user may give a file to a group that the user is in.
        hasGroup = set.IsOk || (isPossible && output.SetOwner(null, metadata.Gid).IsOk);
        if (!set.IsOk)
            lost.Add($"{owner}: {set.Error.Name}");
        return set.IsOk;
    }

    private static void SetXattrs(IOutputFile output, SourceMetadata metadata, bool hasOwner, List<string> lost)
    {
        foreach ((string name, ReadOnlyMemory<byte> value) in metadata.Xattrs ?? EmptyXattrs)
        {
            if (name == SelinuxLabel)
                continue;
            string shown = Printable.Shortened(name);
            bool isAccessList = name == AccessList;
            if (!isAccessList && !name.StartsWith("user.", StringComparison.Ordinal))
                lost.Add($"attribute {shown}: attributes of this kind give rights, and are never restored");
            else if (isAccessList && !hasOwner)
                lost.Add($"attribute {shown}: it counts for another owner");
            else if (output.SetXattr(name, value.Span) is { IsOk: false } unset)
                lost.Add($"attribute {shown}: {unset.Error.Name}");
        }

        if (metadata.XattrsOmitted is { } omitted)
        {
            string count = omitted.Count?.ToString(CultureInfo.InvariantCulture) ?? "some";
            lost.Add($"{count} more attributes are not in the receipt");
        }
    }

    private static void SetMode(IOutputFile output, int mode, bool hasGroup, List<string> lost)
    {
        int bits = mode & PermissionBits;
        if (bits != mode)
            lost.Add("mode: set-user-ID, set-group-ID and sticky bits are never restored");
        // Another group must not get these rights.
        if (!hasGroup && (bits & GroupBits) != 0)
        {
            lost.Add("mode: without its group, the group's rights are left out");
            bits &= ~GroupBits;
        }

        if (output.SetMode(bits) is { IsOk: false } unset)
            lost.Add($"mode: {unset.Error.Name}");
    }

    private static Timestamp TimeOf(SourceMetadata metadata)
    {
        long seconds = metadata.ModifiedAt.ToUnixTimeSeconds();
        long nanoseconds = metadata.ModifiedNs
            ?? (metadata.ModifiedAt - DateTimeOffset.FromUnixTimeSeconds(seconds)).Ticks * 100;
        return new Timestamp(seconds, nanoseconds);
    }

    private static readonly Dictionary<string, ReadOnlyMemory<byte>> EmptyXattrs = [];
}
