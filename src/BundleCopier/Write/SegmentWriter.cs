using BundleCopier.Faults;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Segments;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// Puts the runs of one lease on disk, at their own offsets. Bytes that came by map and must be looked at are read
/// back: what is hashed is what was written. Waits for each write. Synchronous and without actors; one a thread.
/// </summary>
internal sealed class SegmentWriter(CopyOptions options)
{
    private readonly SegmentInspector inspector = new();

    /// <summary>
    /// Makes the place of a segment a hole, where an earlier job may have written other bytes to it. On a filesystem
    /// without holes the lease gets zeros between its runs, and all of it is written.
    /// </summary>
    /// <returns>How the segment has ended, where this failed; null where it can be written now.</returns>
    public static WriteOutcome? Clear(SegmentJob job)
    {
        int blocksBytes = (int)Alignment.Up(job.LengthBytes);
        IoResult punched = job.File.Output.PunchHole(job.StartOffset, blocksBytes);
        if (punched.IsOk)
            return null;
        if (punched.Error.Code == EOPNOTSUPP && job.Mode == ReadMode.Slab && !job.Lease.IsGhost)
        {
            FillGaps(job.Lease, blocksBytes);
            return null;
        }

        job.Lease.Digest = null;
        return new WriteOutcome(0, 0, Fault.OfWrite(punched.Error, job.StartOffset));
    }

    /// <summary>Writes one segment.</summary>
    /// <param name="job">Its lease has the bytes. Its digest is true for what was written afterwards.</param>
    /// <param name="pieceBytes">The most that one write hands to the disk.</param>
    /// <param name="isLast">
    /// Some of these same bytes may have been written before, and there is no further attempt: what is not there in
    /// the end becomes a hole again where the filesystem can.
    /// </param>
    /// <param name="doneEnd">What is before this offset of the file is on disk.</param>
    public WriteOutcome Write(SegmentJob job, int pieceBytes, bool isLast, long doneEnd = 0)
    {
        Lease lease = job.Lease;
        IOutputFile output = job.File.Output;
        if (!lease.HoldsData())
            return SourceLost(job);
        job.HasBegun = true;
        int writtenBytes = 0;
        foreach (Run run in lease.Runs.AsSpan())
        {
            int done = (int)Math.Clamp(doneEnd - job.StartOffset - run.Offset, 0, run.Length);
            writtenBytes += done;
            int at = run.Offset + done;
            int length = (int)Math.Min(run.Length - done, job.RoomBytes - writtenBytes);
            IoResult written = length == 0 ? IoResult.Done
                : BlockWriter.Write(output, lease.Payload + at, length, job.StartOffset + at, pieceBytes);
            writtenBytes += (int)written.Value;
            if (written.IsOk && at + length == run.End)
                continue;
            if (lease.Window is not null && written.Error.Code == EFAULT)
                return SourceLost(job);
            // A disk may have had a bad moment. What it says twice is final, and so is that it is full.
            if (!isLast && !written.IsOk && !written.Error.IsNoSpace)
                return Write(job, pieceBytes, isLast: true, doneEnd);
            int validBytes = Math.Min(job.LengthBytes, at + (int)written.Value);
            // Later pieces may be there all the same, from the first attempt.
            long keptBytes = Alignment.Up(validBytes);
            if (isLast && keptBytes < job.LengthBytes)
                _ = output.PunchHole(job.StartOffset + keptBytes, Alignment.Up(job.LengthBytes) - keptBytes);
            long endOffset = job.StartOffset + validBytes;
            return End(job, writtenBytes, validBytes, written.IsOk
                ? Fault.Of(FaultKind.KeptFree, $"at offset {endOffset}")
                : Fault.OfWrite(written.Error, endOffset));
        }

        return End(job, writtenBytes, job.LengthBytes, fault: null);
    }

    /// <summary>Ends a segment all of whose runs are on disk.</summary>
    public WriteOutcome Conclude(SegmentJob job) => End(job, job.Lease.Runs.TotalBytes, job.LengthBytes, fault: null);

    /// <summary>Ends a segment whose window does not hold what it was taken for.</summary>
    public static WriteOutcome SourceLost(SegmentJob job)
    {
        job.File.Source.Known.Doubt();
        return new WriteOutcome(0, 0, null, IsSourceLost: true);
    }

    /// <summary>Ends a segment of which only the start was written, because the copy ends early.</summary>
    /// <param name="job">The job.</param>
    /// <param name="endOffset">Up to where in the file its runs are on disk; null where nothing is.</param>
    /// <param name="cause">Why the copy ends.</param>
    public WriteOutcome Stop(SegmentJob job, long? endOffset, Fault cause)
    {
        Lease lease = job.Lease;
        if (endOffset is not { } end)
        {
            lease.Empty();
            return new WriteOutcome(0, 0, cause);
        }

        int validBytes = (int)Math.Min(job.LengthBytes, end - job.StartOffset);
        return End(job, lease.Runs.BytesBefore((int)Alignment.Up(validBytes)), validBytes, cause);
    }

    private static void FillGaps(Lease lease, int blocksBytes)
    {
        int at = 0;
        foreach (Run run in lease.Runs.AsSpan())
        {
            lease.Slab[at..run.Offset].Clear();
            at = run.End;
        }

        if (at < blocksBytes)
            lease.Slab[at..blocksBytes].Clear();
        lease.Runs.Clear();
        lease.Runs.Add(0, blocksBytes);
    }

    private WriteOutcome End(SegmentJob job, int writtenBytes, int validBytes, Fault? fault)
    {
        Lease lease = job.Lease;
        bool wasMapped = lease.Window is not null;
        lease.Detach();
        if (fault is not null)
            lease.Runs.CutAt((int)Alignment.Down(validBytes));
        if (options.Inspects
            && (wasMapped || fault is not null)
            && Inspect(
                job.File.Source,
                job.File.Output,
                job.StartOffset,
                lease,
                readBack: wasMapped,
                ref writtenBytes) is { } lost)
        {
            lease.Digest = null;
            return new WriteOutcome(0, writtenBytes, lost);
        }

        return new WriteOutcome(validBytes, writtenBytes, fault);
    }

    /// <summary>
    /// Hashes what was written, read back first where it was never in the slab, and frees blocks of zeros.
    /// </summary>
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
        IoResult read = BlockReader.Read(output, slab + run.Offset, run.Length, segmentStart + run.Offset);
        return read.IsOk && read.Value < run.Length ? new Errno(EIO) : read.Error;
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
