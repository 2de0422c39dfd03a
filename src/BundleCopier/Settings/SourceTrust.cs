namespace BundleCopier.Settings;

/// <summary>Which files a pattern may find. Files that the manifest names by their paths are always copied.</summary>
public enum SourceTrust
{
    /// <summary>
    /// Files of root, of the user that copies, and of the manifest's owner, each with one name (no hard links).
    /// </summary>
    Owner,

    /// <summary>All files.</summary>
    Any,
}
