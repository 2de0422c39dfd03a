namespace BundleCopier.Lz4;

/// <summary>
/// The layout of one data frame's write: a frame of zeros if needed, the data frame, padding. A stored segment is
/// written from the lease in which it was read, so padding in front of its header moves its bytes to a block
/// boundary.
/// </summary>
/// <param name="ZeroFrameBytes">The length of the frame of zeros; 0 for none.</param>
/// <param name="FrontPaddingBytes">The length of the padding between the zeros and a stored segment's header.</param>
/// <param name="FrameOffset">The offset of the data frame in the write.</param>
/// <param name="FrameBytes">The length of the data frame.</param>
/// <param name="PaddingBytes">The length of the padding behind the data frame.</param>
internal readonly record struct FrameLayout(
    int ZeroFrameBytes, int FrontPaddingBytes, int FrameOffset, int FrameBytes, int PaddingBytes)
{
    public int TotalBytes => FrameOffset + FrameBytes + PaddingBytes;

    /// <summary>The offset of a stored segment's bytes in the write: a block boundary.</summary>
    public int StoredOffset => FrameOffset + FrameFormat.StoredFrontBytes;

    public static FrameLayout Of(int zeroBytes, CompressedSegment compressed)
    {
        int zeroFrameBytes = zeroBytes == 0 ? 0 : ZeroFrame.SizeOf(zeroBytes);
        int front = compressed.IsStored ? Lz4Frame.PaddingAfter(zeroFrameBytes + FrameFormat.StoredFrontBytes) : 0;
        int frameOffset = zeroFrameBytes + front;
        int paddingBytes = Lz4Frame.PaddingAfter(frameOffset + compressed.FrameBytes);
        return new FrameLayout(zeroFrameBytes, front, frameOffset, compressed.FrameBytes, paddingBytes);
    }
}
