using BundleCopier.Faults;
using BundleCopier.Plan;

namespace BundleCopier.Supervise;

/// <summary>
/// The stage of a file in a copy, with the data that exists in it. A file only goes forward:
/// <code>
/// Opening ──► Creating ──► Copying ──► Releasing ──► Finishing ──► done
///    │           │  └─► Checking ─┘
///    │           └──► Abandoning ──► done
///    └──► done: the source cannot be opened
/// </code>
/// A cancelled copy takes the same way, faster: no output is created any more, and segments that have not started are
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

    /// <summary>The keeper compares the output of an earlier run with its journal.</summary>
    public sealed record Checking(OpenedSource Source, SegmentPlan Plan) : FileStage;

    /// <summary>Segments are in flight, or wait for a lease.</summary>
    public sealed record Copying(FileSegments Segments) : FileStage;

    /// <summary>All segments have settled. The scout looks at the source once more and closes it.</summary>
    public sealed record Releasing(FileSegments Segments) : FileStage;

    /// <summary>The file gets no output. The scout closes the source.</summary>
    /// <param name="Source">The source.</param>
    /// <param name="Fault">Why there is no output.</param>
    public sealed record Abandoning(OpenedSource Source, Fault Fault) : FileStage;

    /// <summary>The keeper ends the output and closes it.</summary>
    public sealed record Finishing(FileSegments Segments, bool IsStable) : FileStage;
}

/// <summary>One file while it is being copied.</summary>
internal sealed class FileCopy(PlannedFile planned)
{
    public PlannedFile Planned => planned;

    public FileStage Stage { get; set; } = FileStage.Opening.Instance;

    /// <summary>It is the core of a process, which waits until it is closed.</summary>
    public bool HoldsProcess => planned.Stream?.Core is not null && Stage is not FileStage.Finishing;

    /// <summary>It is known to be small.</summary>
    public bool IsSmall { get; set; }
}
