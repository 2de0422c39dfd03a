using System.IO.Hashing;
using BundleCopier.Journal;
using BundleCopier.Lz4;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Segments;

namespace BundleCopier.Write;

/// <summary>
/// Compares the output of an earlier run with what its journal says, segment by segment, read from the disk. What
/// agrees stays in the list of segments, and everything else becomes a hole, or is cut off from a compressed file. Of
/// a compressed file also the zeros and the padding between the frames are compared.
/// Synchronous and without actors.
/// </summary>
/// <param name="output">The output.</param>
/// <param name="earlier">What the journal says of it; this object owns its list of segments.</param>
/// <param name="isCompressed">It is an LZ4 stream: its frames are good up to the first one that does not agree.</param>
/// <param name="slab">Memory for one segment, which only the keeper uses.</param>
internal sealed class OutputCheck(IOutputFile output, JournaledFile earlier, bool isCompressed, nint slab)
{
    // 64 MiB take some 50 ms. Between two steps the keeper takes other orders, and a copy can be stopped. Only one step
    // waits at a time (FileFlow).
    private const int SegmentsPerStep = 64;

    private readonly SegmentInspector inspector = new();
    private readonly KeptList segments = earlier.Segments;
    private readonly long sizeBytes = earlier.Stamp.SizeBytes;
    private int next;
    private int goodCount; // segments that agree; they are the first of the list
    private long goodEnd;
    private long contentEnd; // of the frames that agree
    private Action? getsOn;
    private byte[]? zeros; // a frame of zeros of the maximum size

    public IOutputFile Output => output;

    /// <summary>Nothing is left to compare.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The source's size.</summary>
    public long SizeBytes => sizeBytes;

    /// <summary>Compares the next segments.</summary>
    /// <param name="whenOn">Called before each segment.</param>
    public void Step(Action whenOn)
    {
        getsOn = whenOn;
        for (int i = 0; i < SegmentsPerStep && next < segments.Count; i++)
        {
            whenOn();
            int at = next++;
            KeptSegment segment = segments[at];
            if (segment.Frame is null == isCompressed)
                continue;
            if (isCompressed ? FrameAgrees(segment) : Agrees(segment))
                segments.Move(at, goodCount++);
            else if (isCompressed)
                next = segments.Count;
        }

        IsDone = next == segments.Count;
    }

    /// <summary>Ends it. Returns the segments that agree; what was not compared does not.</summary>
    public KeptList End()
    {
        segments.Truncate(goodCount);
        return segments;
    }

    /// <summary>
    /// After <see cref="End"/>: makes a hole of everything but the segments that are kept, so that no byte of the
    /// earlier run is left in between. A compressed file is cut off behind its last frame.
    /// </summary>
    public IoResult Clear()
    {
        long lengthBytes = Alignment.Up(sizeBytes);
        if (isCompressed)
        {
            IoResult cut = output.SetLength(goodEnd);
            // Stored frames are longer than their content.
            return cut.IsOk ? output.SetLength(Math.Max(goodEnd, lengthBytes)) : cut;
        }

        long from = 0;
        for (int i = 0; i < segments.Count; i++)
        {
            long segment = segments.NumberOf(i);
            if (Punch(from, SegmentGrid.StartOfSegment(segment)) is { IsOk: false } failed)
                return failed;
            from = SegmentGrid.StartOfSegment(segment + 1);
        }

        IoResult punched = Punch(from, lengthBytes);
        return punched.IsOk ? output.SetLength(lengthBytes) : punched;
    }

    private IoResult Punch(long from, long to) => to > from ? output.PunchHole(from, to - from) : IoResult.Done;

    private bool Agrees(KeptSegment segment)
    {
        if (segment.Segment < 0 || segment.Segment >= SegmentGrid.CountOf(sizeBytes))
            return false;
        int length = (int)Alignment.Up(SegmentGrid.LengthOf(segment.Segment, sizeBytes));
        if (!Read(SegmentGrid.StartOfSegment(segment.Segment), length))
            return false;
        inspector.Begin();
        inspector.Inspect(Slab, 0, length);
        return inspector.End() is { } digest && digest == segment.Digest;
    }

    private bool FrameAgrees(KeptSegment segment)
    {
        if (segment.Frame is not { } frame || frame.FrameBytes is <= 0 or > FrameFormat.MaxFrameBytes
            || segment.Segment >= SegmentGrid.CountOf(sizeBytes)
            || SegmentGrid.StartOfSegment(segment.Segment) - contentEnd is not (>= 0 and var zeroBytes)
            || !IsAt(Placement.Of(goodEnd, zeroBytes), frame, segment.FrameEnd))
        {
            return false;
        }

        // A stored frame is longer than the slab.
        XxHash3 hash = new();
        for (long at = frame.FrameOffset; at < frame.End;)
        {
            long from = Alignment.Down(at);
            int length = (int)Math.Min(Alignment.Up(frame.End) - from, SegmentGrid.SegmentBytes);
            if (!Read(from, length))
                return false;
            long end = Math.Min(from + length, frame.End);
            hash.Append(Slab[(int)(at - from)..(int)(end - from)]);
            at = end;
        }

        if (hash.GetCurrentHashAsUInt64() != frame.FrameHash)
            return false;
        goodEnd = segment.FrameEnd;
        contentEnd = SegmentGrid.StartOfSegment(segment.Segment + 1);
        return true;
    }

    /// <summary>
    /// Whether the frame has the place that follows from the frames before it, between zeros and padding that are on
    /// the disk. The journal has no hash of those, but their bytes are known.
    /// </summary>
    private bool IsAt(Placement place, SeekEntry frame, long frameEnd)
    {
        int zeroFrameBytes = place.ZeroBytes == 0 ? 0 : ZeroFrame.SizeOf(place.ZeroBytes);
        long frontBytes = frame.FrameOffset - place.FrameWriteOffset - zeroFrameBytes;
        // A stored frame has padding before its header.
        if ((frontBytes != 0 && frontBytes != Lz4Frame.PaddingAfter(zeroFrameBytes + FrameFormat.StoredFrontBytes))
            || frameEnd != frame.End + Lz4Frame.PaddingAfter(frame.End))
        {
            return false;
        }

        byte[] before = new byte[zeroFrameBytes + frontBytes];
        if (zeroFrameBytes > 0)
            ZeroFrame.Write(before, place.ZeroBytes);
        Lz4Frame.WritePadding(before.AsSpan(zeroFrameBytes));
        byte[] behind = new byte[frameEnd - frame.End];
        Lz4Frame.WritePadding(behind);
        return AreZeros(place) && IsOnDisk(place.FrameWriteOffset, before) && IsOnDisk(frame.End, behind);
    }

    private bool AreZeros(Placement place)
    {
        for (long group = 0; group < place.ZeroGroups; group++)
        {
            if (zeros is null)
            {
                zeros = new byte[ZeroFrame.PaddedMaxFrameBytes];
                Lz4Frame.WritePadding(zeros.AsSpan(ZeroFrame.Write(zeros, FrameFormat.MaxZerosBytes)));
            }

            if (!IsOnDisk(place.Offset + (group * zeros.Length), zeros))
                return false;
            getsOn?.Invoke();
        }

        return true;
    }

    private bool IsOnDisk(long offset, ReadOnlySpan<byte> expected)
    {
        long from = Alignment.Down(offset);
        return expected.IsEmpty || (Read(from, (int)(Alignment.Up(offset + expected.Length) - from))
            && Slab.Slice((int)(offset - from), expected.Length).SequenceEqual(expected));
    }

    private unsafe Span<byte> Slab => new((void*)slab, SegmentGrid.SegmentBytes);

    /// <summary>Reads into the slab, from the disk. What lies behind the file's end is zeros.</summary>
    private bool Read(long offset, int length)
    {
        // A page in the page cache may have been lost on its way to the disk.
        if (output.Io != OutputIo.Direct && !output.WriteBack(offset, length).IsOk)
            return false;
        IoResult read = BlockReader.Read(output, slab, length, offset);
        if (!read.IsOk)
            return false;
        Slab[(int)read.Value..length].Clear();
        return true;
    }
}
