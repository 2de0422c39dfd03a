using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>What a directory in a destination is.</summary>
internal enum ListedState
{
    /// <summary>A bundle with a valid receipt.</summary>
    Finished,

    /// <summary>What a copy has made so far, or left when it was killed.</summary>
    Unfinished,

    /// <summary>It has a receipt that cannot be read or is not valid.</summary>
    Damaged,
}

/// <summary>One bundle of a destination.</summary>
/// <param name="Name">The name of its directory; of one that is not finished, the name that it was to get.</param>
/// <param name="State">What it is.</param>
/// <param name="Time">
/// When its copy ended; without a valid receipt, its last change. Null where neither is known.
/// </param>
/// <param name="AllocatedBytes">Its space on the disk; null where that is not known.</param>
internal sealed record ListedBundle(string Name, ListedState State, DateTimeOffset? Time, long? AllocatedBytes)
{
    /// <summary>The name of its directory.</summary>
    public required string Directory { get; init; }

    /// <summary>How the copy ended; null where no valid receipt tells.</summary>
    public BundleStatus? Status { get; init; }

    /// <summary>When the copy began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>What is saved.</summary>
    public SavedBytes Saved { get; init; }

    /// <summary>The first reasons why something is missing, shortened.</summary>
    public IReadOnlyList<ReceiptMissing> Missing { get; init; } = [];

    /// <summary>How many reasons there are besides.</summary>
    public int MoreReasons { get; init; }

    /// <summary>What is wrong with the receipt, for people; null where nothing is.</summary>
    public string? Problem { get; init; }
}

/// <summary>What was found in a destination.</summary>
/// <param name="Bundles">The newest last.</param>
/// <param name="LeftOut">How many older bundles there are besides.</param>
/// <param name="Unreadable">How many directories this user may not read: they may be bundles.</param>
internal sealed record BundleListing(IReadOnlyList<ListedBundle> Bundles, int LeftOut, int Unreadable);
