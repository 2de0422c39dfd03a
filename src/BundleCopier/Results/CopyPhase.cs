namespace BundleCopier;

/// <summary>What a copy is doing.</summary>
public enum CopyPhase
{
    /// <summary>Listing the files.</summary>
    Listing,

    /// <summary>Making the bundle's directory.</summary>
    Preparing,

    /// <summary>Copying.</summary>
    Copying,

    /// <summary>Writing the receipt and giving the bundle its name.</summary>
    Committing,

    /// <summary>The bundle is committed. A copy that ends without a bundle does not reach this phase.</summary>
    Done,
}
