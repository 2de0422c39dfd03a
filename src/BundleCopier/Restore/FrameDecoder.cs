using BundleCopier.Faults;
using BundleCopier.Lz4;
using K4os.Compression.LZ4;
using static BundleCopier.Lz4.FrameFormat;

namespace BundleCopier.Restore;

/// <summary>
/// Decodes one data frame. Pure: it reads nothing but the frame, writes nothing but the destination, and takes no size
/// from the frame that the caller did not know before.
/// </summary>
internal static class FrameDecoder
{
    /// <summary>Decodes a frame.</summary>
    /// <param name="frame">The whole frame and nothing else.</param>
    /// <param name="content">
    /// Where the content goes; it must fill this exactly. Not to be believed unless null is returned.
    /// </param>
    /// <returns>Null, or what is wrong.</returns>
    public static FrameFlaw? Decode(ReadOnlySpan<byte> frame, Span<byte> content)
    {
        if (frame.Length < MinFrameBytes)
            return new FrameFlaw(DamageKind.FrameEnd, frame.Length);
        if (HeaderFlaw(frame, DataBlocks) is { } header)
            return header;
        if (LongWord(frame, ContentSizeOffset) != (ulong)content.Length)
            return new FrameFlaw(DamageKind.ContentSize, ContentSizeOffset);

        int at = HeaderBytes;
        int filled = 0;
        while (true)
        {
            // Behind every block there is at least an end mark and a checksum.
            if (frame.Length - at < EndMarkBytes + ChecksumBytes)
                return new FrameFlaw(DamageKind.FrameEnd, at);
            uint blockHeader = Word(frame, at);
            if (blockHeader == 0)
                break;
            int length = (int)(blockHeader & ~StoredBlock);
            if (length is 0 or > MaxBlockBytes
                || length > frame.Length - at - BlockHeaderBytes - EndMarkBytes - ChecksumBytes)
                return new FrameFlaw(DamageKind.BlockSize, at);
            ReadOnlySpan<byte> block = frame.Slice(at + BlockHeaderBytes, length);
            int made = (blockHeader & StoredBlock) != 0 ? Store(block, content[filled..])
                : LZ4Codec.Decode(block, content[filled..]);
            // A block of nothing would let a frame be anything but what was written.
            if (made <= 0)
                return new FrameFlaw(filled == content.Length ? DamageKind.ContentSize : DamageKind.BlockData, at);
            filled += made;
            at += BlockHeaderBytes + length;
        }

        if (filled != content.Length)
            return new FrameFlaw(DamageKind.ContentSize, at);
        at += EndMarkBytes;
        if (at + ChecksumBytes != frame.Length)
            return new FrameFlaw(DamageKind.FrameEnd, at);
        return ContentHash.Of(content) == Word(frame, at) ? null : new FrameFlaw(DamageKind.ContentChecksum, at);
    }

    /// <summary>Checks everything in a header but how much it says there is.</summary>
    /// <param name="frame">At least the header.</param>
    /// <param name="blockDescriptor">Which blocks the frame must have.</param>
    public static FrameFlaw? HeaderFlaw(ReadOnlySpan<byte> frame, byte blockDescriptor)
    {
        if (Word(frame, 0) != FrameMagic)
            return new FrameFlaw(DamageKind.FrameHeader, 0);
        if (frame[FlagsOffset] != Flags)
            return new FrameFlaw(DamageKind.FrameHeader, FlagsOffset);
        if (frame[BlockDescriptorOffset] != blockDescriptor)
            return new FrameFlaw(DamageKind.FrameHeader, BlockDescriptorOffset);
        return frame[HeaderChecksumOffset] == HeaderChecksum(frame) ? null
            : new FrameFlaw(DamageKind.FrameHeader, HeaderChecksumOffset);
    }

    private static int Store(ReadOnlySpan<byte> block, Span<byte> content) =>
        block.TryCopyTo(content) ? block.Length : -1;
}
