namespace BundleCopier.Settings;

/// <summary>Which destinations are used.</summary>
public enum DestinationTrust
{
    /// <summary>
    /// Only those in which no other user but root can rename or remove what the copy makes: the destination and each
    /// directory above it belong to root or to this user, and other users may write to them only under the sticky bit.
    /// </summary>
    Strict,

    /// <summary>All.</summary>
    Any,
}
