using BundleCopier.Faults;
using BundleCopier.Lz4;
using K4os.Compression.LZ4;
using static BundleCopier.Lz4.FrameFormat;

namespace BundleCopier.Restore;

/// <summary>
/// Decodes one data frame. It reads only the frame, writes only the destination, and believes no size in the frame that
/// the caller does not know already.
/// </summary>
internal static class FrameDecoder
{
    /// <summary>Decodes a frame.</summary>
    /// <param name="frame">The whole frame and nothing else.</param>
    /// <param name="content">Gets the content, which must fill it exactly. Valid only when null is returned.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
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
            // At least an end mark and a checksum follow every block.
            if (frame.Length - at < EndMarkBytes + ChecksumBytes)
                return new FrameFlaw(DamageKind.FrameEnd, at);
            uint blockHeader = Word(frame, at);
            if (blockHeader == 0)
                break;
            int length = (int)(blockHeader & ~StoredBlock);
            int maxLength = frame.Length - at - BlockHeaderBytes - EndMarkBytes - ChecksumBytes;
            if (length is 0 or > MaxBlockBytes || length > maxLength)
                return new FrameFlaw(DamageKind.BlockSize, at);
            ReadOnlySpan<byte> block = frame.Slice(at + BlockHeaderBytes, length);
            int decoded = (blockHeader & StoredBlock) != 0
                ? Store(block, content[filled..])
                : LZ4Codec.Decode(block, content[filled..]);
            // No writer makes a block without content.
            if (decoded <= 0)
                return new FrameFlaw(filled == content.Length ? DamageKind.ContentSize : DamageKind.BlockData, at);
            filled += decoded;
            at += BlockHeaderBytes + length;
        }

        if (filled != content.Length)
            return new FrameFlaw(DamageKind.ContentSize, at);
        at += EndMarkBytes;
        if (at + ChecksumBytes != frame.Length)
            return new FrameFlaw(DamageKind.FrameEnd, at);
        return ContentHash.Of(content) == Word(frame, at) ? null : new FrameFlaw(DamageKind.ContentChecksum, at);
    }

    /// <summary>Checks all of a frame's header except the content size.</summary>
    /// <param name="frame">At least the header.</param>
    /// <param name="blockDescriptor">The block descriptor that the frame must have.</param>
    public static FrameFlaw? HeaderFlaw(ReadOnlySpan<byte> frame, byte blockDescriptor)
    {
        if (Word(frame, 0) != FrameMagic)
            return new FrameFlaw(DamageKind.FrameHeader, 0);
        if (frame[FlagsOffset] != Flags)
            return new FrameFlaw(DamageKind.FrameHeader, FlagsOffset);
        if (frame[BlockDescriptorOffset] != blockDescriptor)
            return new FrameFlaw(DamageKind.FrameHeader, BlockDescriptorOffset);
        return frame[HeaderChecksumOffset] == HeaderChecksum(frame)
            ? null
            : new FrameFlaw(DamageKind.FrameHeader, HeaderChecksumOffset);
    }

    private static int Store(ReadOnlySpan<byte> block, Span<byte> content) =>
        block.TryCopyTo(content) ? block.Length : -1;
}
