namespace BundleCopier.Settings;

/// <summary>What to do where the filesystem of the destination fixes the owner or the mode of files.</summary>
public enum DestinationPrivacy
{
    /// <summary>Copy; the receipt says that other users may read the bundle.</summary>
    Prefer,

    /// <summary>Refuse the destination.</summary>
    Require,
}
