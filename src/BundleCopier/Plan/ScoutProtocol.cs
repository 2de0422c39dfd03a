using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Manifest;

namespace BundleCopier.Plan;

/// <summary>The messages between the supervisor and the scout, which owns the descriptors of the sources.</summary>
internal static class ScoutProtocol
{
    /// <summary>Find the files that a manifest means. Answered by <see cref="SourcesListed"/>.</summary>
    public sealed record ListSources(BundleManifest Manifest);

    /// <param name="Listing">The files.</param>
    /// <param name="DataBytes">
    /// How much data each has, in bytes; null unless the settings compress when the disk is full.
    /// </param>
    public sealed record SourcesListed(Parsed<SourceListing> Listing, long[]? DataBytes = null);

    /// <summary>Open a source. Answered by <see cref="SourceOpened"/> or <see cref="SourceRefused"/>.</summary>
    /// <param name="File">What the manifest asks for.</param>
    /// <param name="OmitsXattrs">The receipt has no room for extended attributes.</param>
    /// <param name="MustShrink">Compress it where the settings would store it raw.</param>
    public sealed record OpenSource(PlannedFile File, bool OmitsXattrs = false, bool MustShrink = false);

    /// <summary>
    /// The source is open. The first plan comes with it, so that a small file needs no second question.
    /// </summary>
    public sealed record SourceOpened(OpenedSource Source, SegmentPlan Plan);

    public sealed record SourceRefused(int Index, Fault Fault);

    /// <summary>Find the next segments with data. Answered by <see cref="SegmentsPlanned"/>.</summary>
    public sealed record PlanSegments(OpenedSource Source, long Position);

    public sealed record SegmentsPlanned(int Index, SegmentPlan Plan);

    /// <summary>
    /// No segment of the source is in flight any more: look at it once more and close it. Answered by
    /// <see cref="SourceReleased"/>.
    /// </summary>
    public sealed record ReleaseSource(OpenedSource Source);

    /// <summary>A hung call is given up; its order is answered with the fault.</summary>
    public sealed record SourceGivenUp(HungCall Call, Fault Fault) : INoSerializationVerificationNeeded;

    /// <summary>Calls that were taken for hung have returned or are given up: what waited for them goes on.</summary>
    public sealed record SourcesGoOn
    {
        public static SourcesGoOn Instance { get; } = new();
    }

    public sealed record SourceReleased(int Index, bool IsStable, Fault? Fault);
}

/// <summary>Some of the segments of a file with data.</summary>
/// <param name="Segments">Their numbers in rising order.</param>
/// <param name="Position">
/// All data before this offset is in this plan or in an earlier one.
/// </param>
/// <param name="IsLast">True when there is no more data after the position.</param>
/// <param name="Fault">Why the walk ended early; the data from the position on is lost. Null when it did not.</param>
internal sealed record SegmentPlan(long[] Segments, long Position, bool IsLast, Fault? Fault);
