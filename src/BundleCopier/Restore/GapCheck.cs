using BundleCopier.Faults;
using BundleCopier.Lz4;
using static BundleCopier.Lz4.FrameFormat;

namespace BundleCopier.Restore;

/// <summary>
/// Checks the bytes between two data frames: padding, and frames with exactly the zeros between the two segments. A
/// reader with the seek table skips them, but stock lz4 reads them.
/// </summary>
internal sealed class GapCheck
{
    /// <summary>Checks a gap of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="window">Reads the file.</param>
    /// <param name="start">The offset at which the gap starts.</param>
    /// <param name="end">The offset at which it ends.</param>
    /// <param name="zerosBytes">How many zeros its frames must hold.</param>
    /// <param name="limit">Bytes before this offset will be needed soon.</param>
    public Damage? Check(StoredFile file, FrameWindow window, long start, long end, long zerosBytes, long limit)
    {
        long at = start;
        long zerosLeft = zerosBytes;
        while (at < end)
        {
            if (Step(file, window, ref at, end, ref zerosLeft, limit) is { } damage)
                return damage;
        }

        return zerosLeft == 0 ? null : Wrong(end, $"{zerosLeft} zeros are missing before this.");
    }

    /// <summary>Checks one frame of padding or of zeros.</summary>
    /// <param name="file">The file.</param>
    /// <param name="window">Reads the file.</param>
    /// <param name="at">The offset of the frame; afterwards, of what follows it.</param>
    /// <param name="end">The offset at which the frame must end at the latest.</param>
    /// <param name="zerosLeft">How many zeros it may hold; lowered by those that it holds.</param>
    /// <param name="limit">Bytes before this offset will be needed soon.</param>
    public Damage? Step(
        StoredFile file, FrameWindow window, ref long at, long end, ref long zerosLeft, long limit)
    {
        if (end - at < SkippableHeaderBytes)
            return Wrong(at, "There is something that is not a frame.");
        if (window.Load(file, at, SkippableHeaderBytes, limit) is { } unread)
            return unread;
        uint magic = Word(window.Loaded, 0);
        uint length = Word(window.Loaded, MagicBytes);
        return magic switch
        {
            PaddingMagic => Padding(file, window, ref at, end, length, limit),
            FrameMagic => ZerosFrame(file, window, ref at, end, ref zerosLeft, limit),
            _ => Wrong(at, "There is something that is not a frame."),
        };
    }

    private static Damage? Padding(StoredFile file, FrameWindow window, ref long at, long end, uint length, long limit)
    {
        if (length > MaxFrameBytes - SkippableHeaderBytes || length > end - at - SkippableHeaderBytes)
            return Wrong(at + MagicBytes, "Padding does not end where it should.");
        if (window.Load(file, at + SkippableHeaderBytes, (int)length, limit) is { } damage)
            return damage;
        int other = window.Loaded.IndexOfAnyExcept((byte)0);
        if (other >= 0)
            return Wrong(at + SkippableHeaderBytes + other, "Padding holds other bytes than zeros.");
        at += SkippableHeaderBytes + length;
        return null;
    }

    private Damage? ZerosFrame(
        StoredFile file, FrameWindow window, ref long at, long end, ref long zerosLeft, long limit)
    {
        if (end - at < MinFrameBytes)
            return new FrameFlaw(DamageKind.FrameEnd, 0).At(at, null);
        if (window.Load(file, at, HeaderBytes + BlockHeaderBytes, limit) is { } headDamage)
            return headDamage;
        ReadOnlySpan<byte> head = window.Loaded;
        if (FrameDecoder.HeaderFlaw(head, ZeroBlocks) is { } flaw)
            return flaw.At(at, null);
        ulong contentBytes = LongWord(head, ContentSizeOffset);
        if (contentBytes is 0 or > MaxZerosBytes || contentBytes > (ulong)zerosLeft)
            return new FrameFlaw(DamageKind.ContentSize, ContentSizeOffset).At(at, null);
        uint blockHeader = Word(head, HeaderBytes);
        int blockBytes = (int)(blockHeader & ~StoredBlock);
        long frameBytes = (long)HeaderBytes + BlockHeaderBytes + blockBytes + EndMarkBytes + ChecksumBytes;
        if (blockBytes == 0 || frameBytes > MaxFrameBytes || frameBytes > end - at)
            return new FrameFlaw(DamageKind.BlockSize, HeaderBytes).At(at, null);

        if (window.Load(file, at, (int)frameBytes, limit) is { } damage)
            return damage;
        ReadOnlySpan<byte> frame = window.Loaded;
        ReadOnlySpan<byte> block = frame.Slice(HeaderBytes + BlockHeaderBytes, blockBytes);
        bool isZeros = (blockHeader & StoredBlock) != 0
            ? blockBytes == (int)contentBytes && !block.ContainsAnyExcept((byte)0)
            : ZeroBlock.Is(block, (int)contentBytes);
        if (!isZeros)
            return new FrameFlaw(DamageKind.BetweenFrames, HeaderBytes).At(at, null);
        int endMark = HeaderBytes + BlockHeaderBytes + blockBytes;
        if (Word(frame, endMark) != 0)
            return new FrameFlaw(DamageKind.FrameEnd, endMark).At(at, null);
        if (Word(frame, endMark + EndMarkBytes) != ZeroFrame.ChecksumOf((int)contentBytes))
            return new FrameFlaw(DamageKind.ContentChecksum, endMark + EndMarkBytes).At(at, null);
        zerosLeft -= (long)contentBytes;
        at += frameBytes;
        return null;
    }

    private static Damage Wrong(long offset, string detail) => new(DamageKind.BetweenFrames, offset, null, detail);
}
