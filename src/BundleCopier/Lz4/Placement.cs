namespace BundleCopier.Lz4;

/// <summary>The place of a segment's frame in a compressed file, and the zeros before it.</summary>
/// <param name="Offset">The offset of the zeros before the frame, on a block boundary.</param>
/// <param name="ZeroGroups">
/// The number of frames with <see cref="FrameFormat.MaxZerosBytes"/> of zeros, which come first.
/// </param>
/// <param name="ZeroBytes">The number of zeros in the smaller frame that follows them; 0 for none.</param>
internal readonly record struct Placement(long Offset, long ZeroGroups, int ZeroBytes)
{
    /// <summary>The offset behind the groups of zeros, at which the write of the data frame starts.</summary>
    public long FrameWriteOffset => Offset + (ZeroGroups * ZeroFrame.PaddedMaxFrameBytes);

    /// <summary>A place with a number of zeros before it.</summary>
    public static Placement Of(long offset, long zeroBytes) =>
        new(offset, zeroBytes / FrameFormat.MaxZerosBytes, (int)(zeroBytes % FrameFormat.MaxZerosBytes));

    /// <summary>The offset behind the frame and its padding.</summary>
    public long EndWith(CompressedSegment frame) => FrameWriteOffset + FrameLayout.Of(ZeroBytes, frame).TotalBytes;

    /// <summary>The entry of the frame in the seek table.</summary>
    public SeekEntry EntryOf(long segment, CompressedSegment frame) =>
        new(
            segment,
            frame.FrameBytes,
            FrameWriteOffset + FrameLayout.Of(ZeroBytes, frame).FrameOffset,
            frame.FrameHash);
}
