namespace BundleCopier;

/// <summary>What was removed from the destination after a commit.</summary>
/// <param name="Removed">The bundles that are gone, in the order of their removal.</param>
/// <param name="Warnings">What could not be done, one sentence each; the new bundle is not concerned.</param>
public sealed record DestinationCleanup(IReadOnlyList<RemovedBundle> Removed, IReadOnlyList<string> Warnings)
{
    internal static DestinationCleanup None { get; } = new([], []);
}
