namespace BundleCopier.Lz4;

/// <summary>Where in a compressed file a segment's frame goes, and the zeros before it.</summary>
/// <param name="Offset">Where the zeros before the frame start, on a block boundary.</param>
/// <param name="ZeroGroups">Frames of <see cref="FrameFormat.MaxZerosBytes"/> of zeros that come first.</param>
/// <param name="ZeroBytes">Zeros (content) that then go into a smaller frame of their own.</param>
internal readonly record struct Placement(long Offset, long ZeroGroups, int ZeroBytes)
{
    /// <summary>Where the data frame's own write starts: behind the groups of zeros.</summary>
    public long FrameWriteOffset => Offset + (ZeroGroups * ZeroFrame.PaddedMaxFrameBytes);

    /// <summary>A place behind so many zeros.</summary>
    public static Placement Of(long offset, long zeroBytes) =>
        new(offset, zeroBytes / FrameFormat.MaxZerosBytes, (int)(zeroBytes % FrameFormat.MaxZerosBytes));

    /// <summary>Where the next write goes, when this place has the frame.</summary>
    public long EndWith(CompressedSegment frame) => FrameWriteOffset + FrameLayout.Of(ZeroBytes, frame).TotalBytes;

    /// <summary>The seek table's entry for the frame in this place.</summary>
    public SeekEntry EntryOf(long segment, CompressedSegment frame) =>
        new(segment, frame.FrameBytes, FrameWriteOffset + FrameLayout.Of(ZeroBytes, frame).FrameOffset,
            frame.FrameHash);
}
