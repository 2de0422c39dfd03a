namespace BundleCopier.Lz4;

/// <summary>The result of compressing a segment.</summary>
/// <param name="FrameBytes">The length of its data frame.</param>
/// <param name="IsStored">
/// True when LZ4 would not make the segment smaller. The frame then has one block: the segment as it is. It stays in
/// the lease in which it was read; the writer only adds the frame's header and trailer around it.
/// </param>
/// <param name="Checksum">The XXH32 of the segment, for the trailer of a stored one.</param>
/// <param name="FrameHash">XXH3 of the frame, for the seek table.</param>
internal readonly record struct CompressedSegment(int FrameBytes, bool IsStored, uint Checksum, ulong FrameHash);
