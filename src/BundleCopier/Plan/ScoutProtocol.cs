using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Manifest;

namespace BundleCopier.Plan;

/// <summary>What the supervisor asks of the scout, which owns the sources' descriptors, and what it answers.</summary>
internal static class ScoutProtocol
{
    /// <summary>Find out which files a manifest means. Answered by <see cref="SourcesListed"/>.</summary>
    public sealed record ListSources(BundleManifest Manifest);

    public sealed record SourcesListed(Parsed<SourceListing> Listing);

    /// <summary>Answered by <see cref="SourceOpened"/> or <see cref="SourceRefused"/>.</summary>
    public sealed record OpenSource(PlannedFile File);

    /// <summary>
    /// The source is open, and this is where its first data is: a small file needs no second question.
    /// </summary>
    public sealed record SourceOpened(OpenedSource Source, SegmentPlan Plan);

    public sealed record SourceRefused(int Index, Fault Fault);

    /// <summary>Find the next segments that hold data. Answered by <see cref="SegmentsPlanned"/>.</summary>
    public sealed record PlanSegments(OpenedSource Source, long Position);

    public sealed record SegmentsPlanned(int Index, SegmentPlan Plan);

    /// <summary>No segment of the source is in flight any more: look at it once more and close it.</summary>
    public sealed record ReleaseSource(OpenedSource Source);

    public sealed record SourceReleased(int Index, bool IsStable, Fault? Fault);
}

/// <summary>Some of the segments of a file that hold data.</summary>
/// <param name="Segments">Their numbers, rising.</param>
/// <param name="Position">
/// Everything of the file before this offset is in this plan or an earlier one, or is a hole.
/// </param>
/// <param name="IsLast">There is no more data behind.</param>
/// <param name="Fault">Why the walk ended early: what is wanted at and after the position is lost.</param>
internal sealed record SegmentPlan(long[] Segments, long Position, bool IsLast, Fault? Fault);
