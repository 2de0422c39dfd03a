using BundleCopier.Lz4;
using BundleCopier.Native;
using BundleCopier.Plan;

namespace BundleCopier.Segments;

/// <summary>One file as the workers see it: its source and its output, both open.</summary>
/// <param name="source">The open source. The scout owns it and closes it after the last segment has settled.</param>
/// <param name="output">The open output. The keeper owns it and finishes it after the last segment has settled.</param>
internal sealed class FilePair(OpenedSource source, IOutputFile output)
{
    /// <summary>The file's place in the order of the bundle.</summary>
    public int Index => Source.Planned.Index;

    /// <summary>The source; set anew when a stream has ended and nothing of it is in flight.</summary>
    public OpenedSource Source { get; set; } = source;

    public IOutputFile Output => output;

    /// <summary>
    /// Gives the frames of a compressed file their places; null for a raw file. It belongs to the writer that
    /// <see cref="Writer"/> names, as long as that writer runs.
    /// </summary>
    public FramePlacer<SegmentJob>? Placer { get; set; }

    /// <summary>
    /// The number of the writer that writes all frames of a compressed file; -1 before the first one.
    /// </summary>
    public int Writer { get; set; } = -1;

    /// <summary>The number of the reader that reads all segments of a stream, in order; -1 before the first one.
    /// </summary>
    public int Reader { get; set; } = -1;
}
