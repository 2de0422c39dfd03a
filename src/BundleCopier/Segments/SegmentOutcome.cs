using BundleCopier.Faults;

namespace BundleCopier.Segments;

/// <summary>What became of one segment at one station of its way.</summary>
/// <param name="ValidBytes">How much of the segment, from its start, is as it should be; its whole length where nothing went wrong.</param>
/// <param name="DataBytes">Bytes of source data that were taken up (reading), or bytes put on disk (writing).</param>
/// <param name="Fault">What went wrong; null where nothing did.</param>
internal readonly record struct SegmentOutcome(int ValidBytes, int DataBytes, Fault? Fault);
