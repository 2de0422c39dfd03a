using BundleCopier.Faults;

namespace BundleCopier.Segments;

/// <summary>What a reader found in one segment.</summary>
/// <param name="ValidBytes">
/// How much of the segment, from its start, is known; all of it where nothing went wrong.
/// </param>
/// <param name="DataBytes">Bytes of the source that are data and no hole.</param>
/// <param name="Fault">What went wrong; null where nothing did.</param>
internal readonly record struct SegmentOutcome(int ValidBytes, int DataBytes, Fault? Fault);
