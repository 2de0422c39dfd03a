using BundleCopier.Faults;

namespace BundleCopier.Segments;

/// <summary>How the writing of one segment ended.</summary>
/// <param name="ValidBytes">
/// How much of the segment, from its start, is on disk as it should be, zeros included.
/// </param>
/// <param name="WrittenBytes">
/// Bytes that were put on disk. Frames of zeros count too, so a large hole before a frame is more than 2 GiB.
/// </param>
/// <param name="Fault">Why something is missing; null where nothing is.</param>
/// <param name="IsSourceLost">
/// The mapped window does not hold what the reader took it for: it was cut, or has pages that were never written. The
/// segment has to be read again, by slab.
/// </param>
/// <param name="IsKeptOther">
/// The source does not hold what an earlier run has written, and the output keeps that. Only in compressed files.
/// </param>
/// <param name="ElapsedUs">The writer's time for it, in microseconds; a share of the time where writes overlap.</param>
internal readonly record struct WriteOutcome(
    int ValidBytes, long WrittenBytes, Fault? Fault, bool IsSourceLost = false, bool IsKeptOther = false,
    long ElapsedUs = 0);
