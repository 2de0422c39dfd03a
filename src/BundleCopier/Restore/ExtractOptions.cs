namespace BundleCopier.Restore;

/// <summary>How files are restored.</summary>
public sealed record ExtractOptions
{
    /// <summary>Also restores damaged files, without their damaged segments: these become holes.</summary>
    public bool KeepDamaged { get; init; }

    /// <summary>
    /// Whatever has the name of a file already is left as it is, and counted. Otherwise nothing at all is written then.
    /// </summary>
    public bool SkipExisting { get; init; }

    /// <summary>
    /// Restores mode, owner, modification time and extended attributes as the receipt has them, as far as that is
    /// safe: never set-user-ID, set-group-ID and sticky bits, and of attributes only those of users (<c>user.*</c>) and
    /// access lists (acl(5)).
    /// </summary>
    public bool Preserve { get; init; }
}
