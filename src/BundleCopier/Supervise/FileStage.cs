using BundleCopier.Faults;
using BundleCopier.Plan;

namespace BundleCopier.Supervise;

/// <summary>
/// Where a file is on its way through a copy, with what exists there. A file only goes forward:
/// <code>
/// Opening -> Creating -> Copying -> Releasing -> Finishing -> done
///    |          |                       ^  |
///    |          +--- no output ---------+  +--- no output -> done
///    +--- cannot be opened -> done
/// </code>
/// A cancelled copy takes the same way, faster: no output is created any more, and segments that have not set out are
/// dropped.
/// </summary>
internal abstract record FileStage
{
    private FileStage()
    {
    }

    /// <summary>The scout opens the source.</summary>
    public sealed record Opening : FileStage
    {
        public static Opening Instance { get; } = new();
    }

    /// <summary>The keeper creates the output.</summary>
    public sealed record Creating(OpenedSource Source, SegmentPlan Plan) : FileStage;

    /// <summary>Segments are on their way, or wait for it.</summary>
    public sealed record Copying(FileSegments Segments) : FileStage;

    /// <summary>The scout looks at the source once more and closes it.</summary>
    /// <param name="Source">The source.</param>
    /// <param name="Segments">What was copied; null where there is no output.</param>
    /// <param name="Fault">Why there is no output.</param>
    public sealed record Releasing(OpenedSource Source, FileSegments? Segments, Fault? Fault) : FileStage;

    /// <summary>The keeper ends the output and closes it.</summary>
    public sealed record Finishing(OpenedSource Source, FileSegments Segments, bool IsStable) : FileStage;
}

/// <summary>One file while it is being copied.</summary>
internal sealed class FileCopy(PlannedFile planned)
{
    public PlannedFile Planned => planned;

    public FileStage Stage { get; set; } = FileStage.Opening.Instance;

    /// <summary>Its segments, while it is in the stage in which they are copied.</summary>
    public FileSegments? Segments => (Stage as FileStage.Copying)?.Segments;

    /// <summary>It is known to be small.</summary>
    public bool IsSmall { get; set; }
}
