using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Receipt;

namespace BundleCopier;

/// <summary>How a copy ended: a bundle is committed, or this says why there is none.</summary>
public abstract record CopyResult
{
    private CopyResult()
    {
    }

    /// <summary>A bundle is on disk under its own name, as whole as its receipt says.</summary>
    /// <param name="Path">The bundle's directory.</param>
    /// <param name="Receipt">What it holds.</param>
    public sealed record Committed(string Path, BundleReceipt Receipt) : CopyResult
    {
        /// <summary>What was removed from the destination after the commit.</summary>
        public DestinationCleanup Cleanup { get; init; } = DestinationCleanup.None;
    }

    /// <summary>Nothing is committed.</summary>
    /// <param name="Refusal">Why, and what to do.</param>
    public sealed record Refused(Refusal Refusal) : CopyResult;

    /// <summary>The manifest cannot be carried out as it is; nothing was written.</summary>
    /// <param name="Error">What is wrong with it.</param>
    public sealed record Invalid(InputError Error) : CopyResult;
}
