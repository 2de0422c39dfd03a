using System.Buffers.Binary;
using System.IO.Hashing;
using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Segments;
using K4os.Compression.LZ4;

namespace BundleCopier.Compress;

/// <summary>
/// Makes one segment into a data frame. LZ4 is not run over longer stretches of zeros, and what it would not make
/// smaller by 5 % is stored. Synchronous and without actors; one compressor a thread; it allocates nothing once made.
/// </summary>
internal sealed class SegmentCompressor
{
    // Shorter zeros are cheaper inside a block than as a block of their own.
    private const int ZeroBlockBytes = 64 * 1024;

    // A stored block has no cheap zeros inside: whatever costs less as a block of its own becomes one.
    private const int StoredZeroBlockBytes = Alignment.Bytes;

    // A block that shrinks by less than 5 % costs more to read back than it saves.
    private const int WorthwhilePercent = 95;

    // A frame shares its slab with the zeros in front of it (at most 13 KiB) and with padding.
    private const int MaxFrameBytes = SegmentGrid.SegmentBytes - (32 * 1024);

    // A longer stored block is written from its place in the source slab; a shorter one is cheaper to copy.
    private const int MaxCopiedBytes = SegmentGrid.SegmentBytes - (64 * 1024);

    // Large enough to tell whether the segment shrinks, small enough to waste.
    private const int SampleBytes = 64 * 1024;

    // Fits into the first cache, for the second hash.
    private const int PieceBytes = 16 * 1024;

    private ContentHash hash = new();
    private readonly XxHash3 frameHash = new();

    /// <summary>Compresses the segment in one lease into the other.</summary>
    /// <param name="content">
    /// A segment that was read: its runs say where it is not zero. Shorter gaps are zeroed in place.
    /// </param>
    /// <param name="contentBytes">The segment's length.</param>
    /// <param name="frame">Gets the frame, from its start on, unless it is stored.</param>
    /// <param name="effort">How much to spend on it.</param>
    public CompressedSegment Compress(Lease content, int contentBytes, Lease frame, CompressEffort effort)
    {
        Span<byte> source = content.Slab[..contentBytes];
        bool isWorthTrying = effort == CompressEffort.Compress
            || (effort == CompressEffort.Sample && SampleShrinks(content, frame.Slab));
        int limit = (int)((long)contentBytes * WorthwhilePercent / 100);
        int frameBytes = isWorthTrying ? WriteFrame(content, source, frame.Slab, limit, isStored: false) : -1;
        // Stored or not, stretches of zeros stay blocks of zeros.
        if (frameBytes < 0 && Math.Min(content.Runs.TotalBytes, contentBytes) <= MaxCopiedBytes)
            frameBytes = WriteFrame(content, source, frame.Slab, MaxFrameBytes, isStored: true);
        if (frameBytes >= 0)
            return new CompressedSegment(frameBytes, false, 0, XxHash3.HashToUInt64(frame.Slab[..frameBytes]));

        ClearGaps(content, source);
        ulong frameHash = HashStored(source, out uint checksum);
        return new CompressedSegment(
            FrameFormat.StoredFrontBytes + contentBytes + FrameFormat.TrailerBytes, true, checksum, frameHash);
    }

    /// <summary>
    /// Both hashes of a frame whose parts are put together only when it is written, in one pass over its bytes.
    /// </summary>
    private ulong HashStored(ReadOnlySpan<byte> source, out uint checksum)
    {
        hash.Reset();
        Span<byte> around = stackalloc byte[FrameFormat.StoredFrontBytes];
        frameHash.Reset();
        Lz4Frame.WriteStoredFront(around, source.Length);
        frameHash.Append(around);
        for (ReadOnlySpan<byte> left = source; !left.IsEmpty;)
        {
            ReadOnlySpan<byte> piece = left[..Math.Min(left.Length, PieceBytes)];
            hash.Append(piece);
            frameHash.Append(piece);
            left = left[piece.Length..];
        }

        checksum = hash.End();
        Lz4Frame.WriteTrailer(around, checksum);
        frameHash.Append(around[..FrameFormat.TrailerBytes]);
        return frameHash.GetCurrentHashAsUInt64();
    }

    private static bool SampleShrinks(Lease content, Span<byte> scratch)
    {
        ReadOnlySpan<Run> runs = content.Runs.AsSpan();
        Run middle = runs[runs.Length / 2];
        int length = Math.Min(middle.Length, SampleBytes);
        int offset = middle.Offset + ((middle.Length - length) / 2);
        int limit = length * WorthwhilePercent / 100;
        return LZ4Codec.Encode(content.Slab.Slice(offset, length), scratch[..limit], LZ4Level.L00_FAST) > 0;
    }

    /// <summary>Writes a frame and returns its length; -1 when it would be longer than the limit.</summary>
    private int WriteFrame(Lease content, Span<byte> source, Span<byte> target, int limit, bool isStored)
    {
        hash.Reset();
        Lz4Frame.WriteHeader(target, FrameFormat.DataBlocks, source.Length);
        int written = FrameFormat.HeaderBytes;
        int at = 0;
        int next = 0;
        int zeroBlockBytes = isStored ? StoredZeroBlockBytes : ZeroBlockBytes;
        ReadOnlySpan<Run> runs = content.Runs.AsSpan();
        while (at < source.Length)
        {
            int dataStart = next < runs.Length ? Math.Min(runs[next].Offset, source.Length) : source.Length;
            if (dataStart - at >= zeroBlockBytes)
            {
                ZeroFrame.Hash(ref hash, dataStart - at);
                written += ZeroFrame.WriteBlock(target[written..], dataStart - at);
                at = dataStart;
                continue;
            }

            int end = TakeStretch(runs, ref next, at, source, zeroBlockBytes);
            int size = WriteBlock(source[at..end], target, written, limit, isStored);
            if (size < 0)
                return -1;
            written += size;
            at = end;
        }

        Lz4Frame.WriteTrailer(target[written..], hash.End());
        return written + FrameFormat.TrailerBytes;
    }

    /// <summary>Writes one block and returns its length with its header; -1 when there is no room for it.</summary>
    private int WriteBlock(ReadOnlySpan<byte> stretch, Span<byte> target, int at, int limit, bool isStored)
    {
        int room = limit - at - FrameFormat.BlockHeaderBytes - FrameFormat.TrailerBytes;
        if (room <= 0)
            return -1;
        Span<byte> block = target.Slice(at + FrameFormat.BlockHeaderBytes, room);
        int size = isStored ? -1 : LZ4Codec.Encode(stretch, block, LZ4Level.L00_FAST);
        if (size > 0 && size < stretch.Length)
        {
            hash.Append(stretch);
            BinaryPrimitives.WriteInt32LittleEndian(target[at..], size);
            return FrameFormat.BlockHeaderBytes + size;
        }

        // A block that does not fit is not hashed: its frame comes to nothing.
        if (stretch.Length > room)
            return -1;
        hash.Append(stretch);
        BinaryPrimitives.WriteUInt32LittleEndian(target[at..], (uint)stretch.Length | FrameFormat.StoredBlock);
        stretch.CopyTo(block);
        return FrameFormat.BlockHeaderBytes + stretch.Length;
    }

    /// <summary>
    /// A stretch for one block: from here to the next long stretch of zeros. Shorter zeros between are put into the
    /// slab, which the reader had not filled there.
    /// </summary>
    private static int TakeStretch(ReadOnlySpan<Run> runs, ref int next, int at, Span<byte> source, int zeroBlockBytes)
    {
        while (next < runs.Length && runs[next].Offset < source.Length && runs[next].Offset - at < zeroBlockBytes)
        {
            source[at..runs[next].Offset].Clear();
            at = Math.Min(runs[next].End, source.Length);
            next++;
        }

        if (source.Length - at >= zeroBlockBytes)
            return at;
        if (next < runs.Length)
            return at;
        source[at..].Clear();
        return source.Length;
    }

    private static void ClearGaps(Lease content, Span<byte> source)
    {
        int at = 0;
        foreach (Run run in content.Runs.AsSpan())
        {
            if (run.Offset >= source.Length)
                break;
            source[at..run.Offset].Clear();
            at = Math.Min(run.End, source.Length);
        }

        source[at..].Clear();
    }
}
