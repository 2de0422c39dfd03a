using System.IO.Hashing;
using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Segments;

namespace BundleCopier.Write;

/// <summary>
/// Compares the output of an earlier run with what its journal says, segment by segment, read from the disk. What
/// agrees stays in the list of segments, and everything else becomes a hole, or is cut off from a compressed file.
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

    public IOutputFile Output => output;

    /// <summary>Nothing is left to compare.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The source's size.</summary>
    public long SizeBytes => sizeBytes;

    /// <summary>Compares the next segments.</summary>
    /// <param name="getsOn">Called before each segment.</param>
    public void Step(Action getsOn)
    {
        for (int i = 0; i < SegmentsPerStep && next < segments.Count; i++)
        {
            getsOn();
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
        if (segment.Frame is not { } frame || frame.FrameOffset < goodEnd || frame.FrameBytes <= 0
            || segment.FrameEnd < frame.End || !Alignment.IsAligned(segment.FrameEnd))
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
        return true;
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
