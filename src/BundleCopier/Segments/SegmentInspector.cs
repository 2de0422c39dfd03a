using System.Buffers.Binary;
using System.IO.Hashing;
using BundleCopier.Model;

namespace BundleCopier.Segments;

/// <summary>
/// Looks at the bytes of one segment, in order: finds the blocks that are not zero, and hashes them while they are
/// still in the processor's cache. The hash is of the runs of non-zero blocks and of where they are (docs/format.md),
/// so it does not depend on which zeros are holes, and holes cost nothing. One inspector a thread; it allocates
/// nothing once made.
/// </summary>
internal sealed class SegmentInspector
{
    private readonly XxHash3 hash = new();
    private readonly RunList found = new();
    private readonly byte[] trailer = new byte[2 * sizeof(int)];
    private int runOffset;
    private int runEnd;

    /// <summary>The runs of non-zero blocks of what has been looked at.</summary>
    public RunList Found => found;

    public void Begin()
    {
        hash.Reset();
        found.Clear();
        runOffset = 0;
        runEnd = 0;
    }

    /// <summary>Looks at whole blocks, behind all that were looked at before.</summary>
    /// <param name="segment">The segment's slab.</param>
    /// <param name="offset">Where in the segment the blocks start.</param>
    /// <param name="length">How long they are.</param>
    public void Inspect(ReadOnlySpan<byte> segment, int offset, int length)
    {
        int end = offset + length;
        int at = offset;
        while (at < end)
        {
            int start = SkipZeroBlocks(segment, at, end);
            int stop = SkipDataBlocks(segment, start, end);
            if (stop > start)
                Append(segment, start, stop);
            at = stop;
        }
    }

    /// <summary>The segment's hash; null when every block was zero.</summary>
    public ulong? End()
    {
        CloseRun();
        return found.Count == 0 ? null : hash.GetCurrentHashAsUInt64();
    }

    private static int SkipZeroBlocks(ReadOnlySpan<byte> segment, int at, int end)
    {
        while (at < end && !segment.Slice(at, Alignment.Bytes).ContainsAnyExcept((byte)0))
            at += Alignment.Bytes;
        return at;
    }

    private static int SkipDataBlocks(ReadOnlySpan<byte> segment, int at, int end)
    {
        while (at < end && segment.Slice(at, Alignment.Bytes).ContainsAnyExcept((byte)0))
            at += Alignment.Bytes;
        return at;
    }

    private void Append(ReadOnlySpan<byte> segment, int start, int stop)
    {
        if (start != runEnd)
        {
            CloseRun();
            runOffset = start;
        }

        hash.Append(segment[start..stop]);
        runEnd = stop;
        found.Add(start, stop - start);
    }

    private void CloseRun()
    {
        if (runEnd > runOffset)
        {
            BinaryPrimitives.WriteInt32LittleEndian(trailer, runOffset / Alignment.Bytes);
            BinaryPrimitives.WriteInt32LittleEndian(
                trailer.AsSpan(sizeof(int)), (runEnd - runOffset) / Alignment.Bytes);
            hash.Append(trailer);
        }

        runOffset = runEnd;
    }
}
