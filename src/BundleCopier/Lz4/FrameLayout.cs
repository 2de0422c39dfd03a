namespace BundleCopier.Lz4;

/// <summary>
/// How the write of one data frame is laid out: a frame of zeros in front where there are any, the frame, padding. A stored
/// segment is written from where it lies, so what is in front of it is padded to a block boundary.
/// </summary>
/// <param name="ZeroFrameBytes">Length of the frame of zeros; 0 for none.</param>
/// <param name="FrontPaddingBytes">Padding between the zeros and a stored segment's header.</param>
/// <param name="FrameOffset">Where the data frame starts.</param>
/// <param name="FrameBytes">Its length.</param>
/// <param name="PaddingBytes">Padding behind it.</param>
internal readonly record struct FrameLayout(
    int ZeroFrameBytes, int FrontPaddingBytes, int FrameOffset, int FrameBytes, int PaddingBytes)
{
    public int TotalBytes => FrameOffset + FrameBytes + PaddingBytes;

    /// <summary>Where a stored segment's bytes start: on a block boundary.</summary>
    public int StoredOffset => FrameOffset + Lz4Frame.StoredFrontBytes;

    public static FrameLayout Of(int zeroBytes, CompressedSegment packed)
    {
        int zeroFrameBytes = zeroBytes == 0 ? 0 : ZeroFrame.SizeOf(zeroBytes);
        // Padding that makes the stored bytes start on a block boundary, in front of the frame's own header.
        int front = packed.IsStored ? Lz4Frame.PaddingAfter(zeroFrameBytes + Lz4Frame.StoredFrontBytes) : 0;
        int frameOffset = zeroFrameBytes + front;
        return new FrameLayout(
            zeroFrameBytes, front, frameOffset, packed.FrameBytes, Lz4Frame.PaddingAfter(frameOffset + packed.FrameBytes));
    }
}
