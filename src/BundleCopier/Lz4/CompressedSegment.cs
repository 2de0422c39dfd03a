namespace BundleCopier.Lz4;

/// <summary>What a segment became.</summary>
/// <param name="FrameBytes">Length of its data frame.</param>
/// <param name="IsStored">
/// LZ4 would not have made it smaller: the frame's one block is the segment as it is, which stays where it was read, and
/// only what goes around it is made when it is written.
/// </param>
/// <param name="Checksum">XXH32 of the segment; used when it is stored.</param>
/// <param name="FrameHash">XXH3 of the frame, for the seek table.</param>
internal readonly record struct CompressedSegment(int FrameBytes, bool IsStored, uint Checksum, ulong FrameHash);
