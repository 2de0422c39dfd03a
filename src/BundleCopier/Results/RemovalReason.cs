namespace BundleCopier;

/// <summary>Why a bundle was removed after a commit.</summary>
public enum RemovalReason
{
    /// <summary>The new bundle has replaced it.</summary>
    Replaced,

    /// <summary>There were more bundles than <c>max-bundles</c>.</summary>
    MaxBundles,

    /// <summary>The bundles used more space than <c>max-use</c>.</summary>
    MaxUse,

    /// <summary>Less space was free than <c>keep-free</c>.</summary>
    KeepFree,

    /// <summary>The remains of a killed copy were older than <c>partial-max-age</c>.</summary>
    PartialMaxAge,

    /// <summary>An earlier run had begun to remove it, and was ended.</summary>
    Unfinished,
}
