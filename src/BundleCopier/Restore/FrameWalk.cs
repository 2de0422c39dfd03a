using BundleCopier.Faults;
using BundleCopier.Model;
using static BundleCopier.Lz4.FrameFormat;

namespace BundleCopier.Restore;

/// <summary>
/// Finds the frames of a compressed file whose seek table is damaged, from its start. The place of a frame in the
/// content is known only by all that is before it, so the walk ends where a frame's end cannot be found. It does not
/// decompress, and the frames that it finds are checked like others when they are read.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="contentBytes">The size of the content, as the receipt says.</param>
/// <param name="scratch">The calling thread's own.</param>
internal sealed class FrameWalk(StoredFile file, long contentBytes, Scratch scratch)
{
    private long at;
    private long contentAt;

    /// <summary>The frames that were found.</summary>
    public FoundFrameIndex Frames { get; } = new(contentBytes, file.SizeBytes);

    /// <summary>Walks as far as possible.</summary>
    /// <param name="minBytes">How much content there must be at least.</param>
    /// <param name="stop">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Why content is missing; null when none is.</returns>
    public Damage? Run(long minBytes, CancellationToken stop)
    {
        while (contentAt < minBytes)
        {
            stop.ThrowIfCancellationRequested();
            if (Step() is { } damage)
                return damage with { Lost = new ByteRange(contentAt, minBytes - contentAt) };
        }

        return null;
    }

    private Damage? Step()
    {
        if (file.SizeBytes - at < MinFrameBytes)
            return new Damage(DamageKind.WrongSize, file.SizeBytes, null, "The frames end before they should.");
        if (scratch.Window.Load(file, at, HeaderBytes, file.SizeBytes) is { } unread)
            return unread;
        if (Word(scratch.Window.Loaded, 0) == FrameMagic && scratch.Window.Loaded[BlockDescriptorOffset] == DataBlocks)
            return DataFrame();
        long zerosLeft = contentBytes - contentAt;
        Damage? damage = scratch.Gaps.Step(
            file, scratch.Window, ref at, file.SizeBytes, ref zerosLeft, file.SizeBytes);
        contentAt = contentBytes - zerosLeft;
        return damage;
    }

    private Damage? DataFrame()
    {
        long segment = SegmentGrid.IndexOf(contentAt);
        if (Frames.Count == FoundFrameIndex.MaxCount || segment > uint.MaxValue)
        {
            return new Damage(
                DamageKind.FrameEnd, at, null, $"Without a seek table, only {Frames.Count} frames are read.");
        }

        int availableBytes = (int)Math.Min(MaxFrameBytes, file.SizeBytes - at);
        if (scratch.Window.Load(file, at, availableBytes, file.SizeBytes) is { } unread)
            return unread;
        ReadOnlySpan<byte> bytes = scratch.Window.Loaded;
        if (FrameDecoder.HeaderFlaw(bytes, DataBlocks) is { } flaw)
            return flaw.At(at, null);
        if (contentAt != SegmentGrid.StartOfSegment(segment)
            || LongWord(bytes, ContentSizeOffset) != (ulong)SegmentGrid.LengthOf(segment, contentBytes))
        {
            return new FrameFlaw(DamageKind.ContentSize, ContentSizeOffset).At(at, null);
        }

        if (FindEnd(bytes) is not { } frameBytes)
            return new FrameFlaw(DamageKind.FrameEnd, HeaderBytes).At(at, null);
        Frames.Add(segment, frameBytes, at);
        at += frameBytes;
        contentAt = Math.Min(contentBytes, SegmentGrid.StartOfSegment(segment + 1));
        return null;
    }

    /// <summary>The length of the frame; null where its blocks lead nowhere.</summary>
    private static int? FindEnd(ReadOnlySpan<byte> bytes)
    {
        int end = HeaderBytes;
        while (bytes.Length - end >= EndMarkBytes + ChecksumBytes)
        {
            uint header = Word(bytes, end);
            if (header == 0)
                return end + EndMarkBytes + ChecksumBytes;
            int length = (int)(header & ~StoredBlock);
            if (length is 0 or > MaxBlockBytes)
                return null;
            end += BlockHeaderBytes + length;
        }

        return null;
    }
}
