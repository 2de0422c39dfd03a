using BundleCopier.Faults;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Read;
using BundleCopier.Segments;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// Puts the runs of one lease on disk, at their own offsets, and where they came by map and somebody must look at them,
/// reads them back: what is hashed is what was written. Synchronous and without actors; one writer a thread.
/// </summary>
internal sealed class SegmentWriter(CopyOptions options)
{
    private readonly SegmentInspector inspector = new();

    /// <summary>Writes one segment.</summary>
    /// <param name="file">The source, for its ranges and size.</param>
    /// <param name="output">Where to.</param>
    /// <param name="segment">The segment's number.</param>
    /// <param name="lease">What to write; its digest is true for what was written afterwards.</param>
    /// <param name="pieceBytes">The most that one write hands to the disk.</param>
    /// <param name="isRetry">Some of it may have been written before: all of it starts anew, and is not tried a third time.</param>
    /// <param name="isSourceLost">The mapped source is not what it was taken for, or was cut under the kernel's hands: read the segment again.</param>
    /// <param name="begun">What came of the first run's first write, where somebody has asked for it already.</param>
    public SegmentOutcome Write(
        OpenedSource file, IOutputFile output, long segment, Lease lease, int pieceBytes, bool isRetry, out bool isSourceLost, IoResult? begun = null)
    {
        long start = segment * SegmentGrid.SegmentBytes;
        int length = (int)Math.Min(SegmentGrid.SegmentBytes, file.Status.SizeBytes - start);
        // What is a hole now may have been data when it was written the first time.
        if (isRetry && output.PunchHole(start, Alignment.Up(length)) is { IsOk: false } punched)
        {
            isSourceLost = false;
            lease.Digest = null;
            return new SegmentOutcome(0, 0, Fault.OfWrite(punched.Error, start));
        }

        return WriteRuns(file, output, segment, lease, pieceBytes, isLast: isRetry, out isSourceLost, begun);
    }

    /// <summary>
    /// Writes a segment once more from the start, after some of these same bytes may have been written. What cannot be said to be there in the end
    /// is made a hole again where the filesystem can.
    /// </summary>
    public SegmentOutcome WriteAgain(OpenedSource file, IOutputFile output, long segment, Lease lease, int pieceBytes, out bool isSourceLost) =>
        WriteRuns(file, output, segment, lease, pieceBytes, isLast: true, out isSourceLost, begun: null);

    private SegmentOutcome WriteRuns(
        OpenedSource file, IOutputFile output, long segment, Lease lease, int pieceBytes, bool isLast, out bool isSourceLost, IoResult? begun)
    {
        long start = segment * SegmentGrid.SegmentBytes;
        int length = (int)Math.Min(SegmentGrid.SegmentBytes, file.Status.SizeBytes - start);
        isSourceLost = !lease.HoldsData();
        if (isSourceLost)
        {
            file.Known.Doubt();
            return default;
        }

        int writtenBytes = 0;
        int validBytes = length;
        Fault? fault = null;

        foreach (Run run in lease.Runs.AsSpan())
        {
            int written = Transfer.Write(output, lease.Payload + run.Offset, run.Length, start + run.Offset, pieceBytes, out Errno error, begun);
            begun = null;
            writtenBytes += written;
            if (!error.IsError)
                continue;
            if (lease.Window is not null && error.Code == EFAULT)
            {
                isSourceLost = true;
                return default;
            }

            // A disk may have had a bad moment. What it says twice is final, and so is that it is full.
            if (!isLast && !error.IsNoSpace)
                return WriteAgain(file, output, segment, lease, pieceBytes, out isSourceLost);
            validBytes = Math.Min(length, run.Offset + written);
            fault = Fault.OfWrite(error, start + validBytes);
            // Later pieces may be there all the same, from the first time.
            long keptBytes = Alignment.Up(validBytes);
            if (isLast && keptBytes < length)
                _ = output.PunchHole(start + keptBytes, Alignment.Up(length) - keptBytes);
            break;
        }

        return End(file, output, start, lease, writtenBytes, validBytes, fault);
    }

    /// <summary>Ends a segment all of whose runs have been written by somebody else.</summary>
    public SegmentOutcome Conclude(OpenedSource file, IOutputFile output, long segment, Lease lease)
    {
        long start = segment * SegmentGrid.SegmentBytes;
        int length = (int)Math.Min(SegmentGrid.SegmentBytes, file.Status.SizeBytes - start);
        return End(file, output, start, lease, lease.Runs.TotalBytes, length, fault: null);
    }

    private SegmentOutcome End(OpenedSource file, IOutputFile output, long start, Lease lease, int writtenBytes, int validBytes, Fault? fault)
    {
        bool wasMapped = lease.Window is not null;
        lease.Detach();
        if (fault is not null)
            lease.Runs.CutAt((int)Alignment.Down(validBytes));
        if (options.Inspects && (wasMapped || fault is not null))
        {
            Fault? lost = Inspect(file, output, start, lease, readBack: wasMapped, ref writtenBytes);
            if (lost is not null)
            {
                lease.Digest = null;
                return new SegmentOutcome(0, writtenBytes, lost);
            }
        }

        return new SegmentOutcome(validBytes, writtenBytes, fault);
    }

    /// <summary>Hashes what was written, read back first where it was never in the slab, and frees blocks of zeros.</summary>
    private Fault? Inspect(
        OpenedSource file, IOutputFile output, long start, Lease lease, bool readBack, ref int writtenBytes)
    {
        inspector.Begin();
        foreach (Run run in lease.Runs.AsSpan())
        {
            if (readBack && ReadBack(output, lease.Address, run, start) is { IsError: true } error)
                return new Fault(FaultKind.WriteFailed, error, $"reading back at offset {start + run.Offset}");
            if (readBack)
                file.Ranges.ClearOutside(lease.Slab.Slice(run.Offset, run.Length), start + run.Offset);
            inspector.Inspect(lease.Slab, run.Offset, run.Length);
        }

        ulong? digest = inspector.End();
        lease.Digest = options.Checksum ? digest : null;
        return readBack && options.ZeroDetection ? FreeZeros(output, lease, start, ref writtenBytes) : null;
    }

    private static Errno ReadBack(IOutputFile output, nint slab, Run run, long segmentStart)
    {
        int done = 0;
        while (done < run.Length)
        {
            IoResult read = output.Read(slab + run.Offset + done, run.Length - done, segmentStart + run.Offset + done);
            if (read.Error.IsInterrupted)
                continue;
            if (!read.IsOk)
                return read.Error;
            int whole = (int)Alignment.Down(read.Value);
            if (whole == 0)
                return new Errno(EIO);
            done += whole;
        }

        return Errno.None;
    }

    private Fault? FreeZeros(IOutputFile output, Lease lease, long start, ref int writtenBytes)
    {
        ReadOnlySpan<Run> data = inspector.Found.AsSpan();
        int next = 0;
        foreach (Run run in lease.Runs.AsSpan())
        {
            int at = run.Offset;
            while (at < run.End)
            {
                bool hasData = next < data.Length && data[next].Offset < run.End;
                int zerosEnd = hasData ? data[next].Offset : run.End;
                if (zerosEnd > at)
                {
                    IoResult punched = output.PunchHole(start + at, zerosEnd - at);
                    // Zeros that stay are still the right bytes; only a filesystem that knows no holes keeps them.
                    if (!punched.IsOk && punched.Error.Code != EOPNOTSUPP)
                        return Fault.OfWrite(punched.Error, start + at);
                    if (punched.IsOk)
                        writtenBytes -= zerosEnd - at;
                }

                at = hasData ? data[next++].End : run.End;
            }
        }

        return null;
    }
}
