using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Journal;
using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Segments;

namespace BundleCopier.Write;

/// <summary>
/// The core of one writer: gives frames their places, and writes jobs by <see cref="WriteFlights"/> where the output is
/// direct, otherwise one after the other with blocking writes. If a flight fails, the job is written once more with
/// blocking writes; their error is reported. Synchronous and without actors.
/// </summary>
/// <param name="options">What is looked for in bytes that came by map.</param>
/// <param name="kernel">Its clock.</param>
/// <param name="board">The limits, shared with the other writers of the copy.</param>
/// <param name="zeros">What runs of zeros are written from; null where no file is compressed.</param>
/// <param name="pulse">Shows that a long call gets on; null where no actor waits for it.</param>
internal sealed class WriteScheduler(
    CopyOptions options, IKernel kernel, IoBoard board, ZeroFrames? zeros, Pulse? pulse = null)
{
    private const int SlabsPerReport = 4;

    private readonly SegmentWriter core = new(options);
    private readonly Queue<WriteTask> toWrite = new();
    private readonly Queue<WriteTask> toRetry = new();
    private readonly Stack<WriteTask> spare = new();
    private readonly List<SegmentJob> settled = [];
    private WriteFlights? flights;
    private long waitMs;
    private int heldSlabs;
    private int settledSlabs;
    private bool blocks;

    /// <summary>The job that is being worked on, for the report of a bug.</summary>
    public SegmentJob? InHand { get; private set; }

    /// <summary>Flights in the air: their ends have to be looked for.</summary>
    public int Flights => flights?.Count ?? 0;

    /// <summary>There is a write to be waited for that could be begun now.</summary>
    public bool HasBlockingWork => toRetry.Count > 0 || (toWrite.Count > 0 && waitMs == 0);

    /// <summary>How long the rate holds the next write back, in milliseconds; 0 where it does not.</summary>
    public long WaitMs => Math.Max(waitMs, flights?.WaitMs ?? 0);

    /// <summary>
    /// Whether the settled jobs should be reported now: the supervisor gets their leases back with the report. While
    /// the sender holds more jobs for this writer, a report of four slabs at once wakes the supervisor less often.
    /// Otherwise the report must come early enough to keep the disk busy.
    /// </summary>
    /// <param name="following">Jobs that the reader will send to this writer.</param>
    public bool IsReportDue(int following) => settled.Count > 0
        && (blocks || settledSlabs >= SlabsPerReport || (following == 0 && settledSlabs >= heldSlabs));

    /// <summary>
    /// The disk has nothing to do. The supervisor lets a second lane help only after several such reports, because two
    /// threads that read at once slow each other down.
    /// </summary>
    public bool IsDry => flights is { Count: 0, Waiting: 0 };

    /// <summary>From now on direct writes overlap.</summary>
    public void Overlap(WriteFlights by) => flights = by;

    /// <summary>Takes jobs on.</summary>
    public void Add(ReadOnlySpan<SegmentJob> jobs)
    {
        foreach (SegmentJob job in jobs)
        {
            if (job.Kept is { } kept)
            {
                Compare(job, kept);
                continue;
            }

            if (job.File.Placer is not { } placer)
            {
                Prepare(job);
                continue;
            }

            placer.Ready(job.Ordinal, job.Segment, job, job.Compressed);
            while (placer.TryNext(out SegmentJob? next, out Placement? placement))
            {
                next.Placement = placement ?? default;
                PrepareFrame(next);
            }
        }
    }

    /// <summary>
    /// Takes in writes that have ended, and begins what the limits allow; at most one write is waited for.
    /// </summary>
    /// <param name="wait">Sleep until a flight has ended, where one is in the air.</param>
    public void Advance(bool wait)
    {
        if (flights is not null)
        {
            flights.Collect(wait);
            // The disk first: what has ended can wait until the next write is submitted.
            flights.Begin();
            while (flights.Over.TryDequeue(out WriteTask? task))
                EndFlight(task);
        }

        if (toRetry.TryDequeue(out WriteTask? failed))
            WriteAndWait(failed, isLast: failed.WasTried);
        else
            WriteNext();
    }

    /// <summary>Takes the jobs that have settled.</summary>
    public SegmentJob[] TakeSettled()
    {
        SegmentJob[] taken = [.. settled];
        settled.Clear();
        settledSlabs = 0;
        return taken;
    }

    /// <summary>
    /// Compares a segment of the source with what an earlier run has written. A raw segment that differs is written
    /// again; a frame stays, and the file is not stable.
    /// </summary>
    private void Compare(SegmentJob job, KeptSegment kept)
    {
        if (job.Read.Fault is { } cause)
        {
            // What an earlier run has saved may be all that is left of the source.
            Hold(job);
            Settle(job, new WriteOutcome(0, 0, cause));
            return;
        }

        bool isSame = job.Lease.Digest == kept.Digest;
        if (!isSame && job.File.Placer is null)
        {
            // Another attempt must not take the output for what the earlier run has written.
            job.HasBegun = true;
            Prepare(job, mayHoldOther: true);
            return;
        }

        Hold(job);
        Settle(job, new WriteOutcome(job.LengthBytes, isSame ? kept.WrittenBytes : 0, null, IsKeptOther: !isSame));
    }

    private void Prepare(SegmentJob job, bool mayHoldOther = false)
    {
        InHand = job;
        Hold(job);
        if ((job.IsRewrite || mayHoldOther) && SegmentWriter.Clear(job) is { } failed)
            Settle(job, failed);
        else if (job.Lease.Runs.Count == 0)
            Settle(job, core.Conclude(job));
        else
            Enqueue(job, 0);
        InHand = null;
    }

    // The jobs of a batch share one slab, and all of them come in one message.
    private void Hold(SegmentJob job)
    {
        if (job.Batch is null || job.Batch[0] == job)
            heldSlabs++;
    }

    private void PrepareFrame(SegmentJob job)
    {
        InHand = job;
        Hold(job);
        if (job.Compressed is null)
        {
            Settle(job, new WriteOutcome(job.LengthBytes, 0, null));
        }
        else if (job.Placement.EndWith(job.Compressed.Value) - job.Placement.Offset > job.RoomBytes)
        {
            Settle(job, new WriteOutcome(0, 0, Fault.Of(FaultKind.KeptFree, $"at offset {job.Placement.Offset}")));
        }
        else
        {
            long startUs = kernel.MonotonicUs;
            if (job.Placement.ZeroGroups > 0)
                job.HasBegun = true;
            IoResult written = FrameWriter.WriteZeros(job.File.Output, zeros!, job.Placement, board, pulse);
            if (!written.IsOk)
                Settle(job, new WriteOutcome(0, 0, Fault.OfWrite(written.Error, job.Placement.Offset)));
            else if (board.StopCause is { } cause)
                Settle(job, new WriteOutcome(0, 0, cause));
            else
                Enqueue(job, kernel.MonotonicUs - startUs);
        }

        InHand = null;
    }

    private void Enqueue(SegmentJob job, long spentUs)
    {
        WriteTask task = spare.TryPop(out WriteTask? used) ? used : new WriteTask();
        task.Reset(job, board.Limits, spentUs);
        if (job.Compressed is { } frame)
        {
            FrameWriter.LayOut(job, frame, task);
        }
        else
        {
            foreach (Run run in job.Lease.Runs.AsSpan())
                task.Add(new WriteStretch(job.Lease.Payload + run.Offset, run.Length, job.StartOffset + run.Offset));
        }

        blocks = flights is null || job.File.Output.Io != OutputIo.Direct;
        // Only a write that is waited for can end early at its limit.
        if (blocks || job.RoomBytes < task.LeftBytes)
            toWrite.Enqueue(task);
        else
            flights!.Add(task);
    }

    private void EndFlight(WriteTask task)
    {
        SegmentJob job = InHand = task.Job;
        if (task.IsSourceLost)
        {
            Settle(task, SegmentWriter.SourceLost(job));
        }
        else if (task.HasFailed)
        {
            toRetry.Enqueue(task);
        }
        else if (task.IsStopped)
        {
            Settle(task, Stopped(task));
        }
        else
        {
            Settle(task, job.Frame is null ? core.Conclude(job) : FrameOutcome(job));
        }

        InHand = null;
    }

    // A frame of a compressed file counts whole or not at all.
    private WriteOutcome Stopped(WriteTask task) => task.Job.Frame is null
        ? core.Stop(task.Job, task.BegunEnd, board.StopCause!)
        : new WriteOutcome(0, 0, board.StopCause);

    private void WriteNext()
    {
        waitMs = 0;
        while (board.StopCause is not null && toWrite.TryDequeue(out WriteTask? dropped))
            Settle(dropped, Stopped(dropped));
        if (!toWrite.TryPeek(out WriteTask? task))
            return;
        if (!board.TryPass(task.LeftBytes, kernel.MonotonicMs, out waitMs))
            return;
        toWrite.Dequeue();
        WriteAndWait(task, isLast: task.Job.IsRewrite);
    }

    private void WriteAndWait(WriteTask task, bool isLast)
    {
        SegmentJob job = InHand = task.Job;
        int pieceBytes = board.Limits.PieceBytes;
        long startUs = job.WriteBegunUs = kernel.MonotonicUs;
        long doneEnd = task.HasFailed ? task.DoneEnd : 0;
        WriteOutcome outcome = job.Frame is null
            ? core.Write(job, pieceBytes, isLast, doneEnd)
            : WriteFrame(task, pieceBytes, doneEnd);
        task.Waited(kernel.MonotonicUs - startUs, outcome.WrittenBytes);
        Settle(task, outcome);
        InHand = null;
    }

    private static WriteOutcome WriteFrame(WriteTask task, int pieceBytes, long doneEnd)
    {
        task.Job.HasBegun = true;
        foreach (WriteStretch stretch in task.Stretches)
        {
            int done = (int)Math.Clamp(doneEnd - stretch.Offset, 0, stretch.Length);
            long offset = stretch.Offset + done;
            IoResult written = BlockWriter.Write(
                task.Job.File.Output, stretch.Address + done, stretch.Length - done, offset, pieceBytes);
            if (!written.IsOk)
                return new WriteOutcome(0, 0, Fault.OfWrite(written.Error, offset + written.Value));
        }

        return FrameOutcome(task.Job);
    }

    private static WriteOutcome FrameOutcome(SegmentJob job) => new(
        job.LengthBytes,
        job.Placement.EndWith(job.Compressed!.Value) - job.Placement.Offset,
        null);

    private void Settle(WriteTask task, WriteOutcome outcome)
    {
        SegmentJob job = task.Job;
        // Small files' writes say more about the way to the disk than about the disk.
        board.Stats.Written(task.Limits, outcome.WrittenBytes, job.Batch is null ? task.PieceUs : 0);
        Settle(job, outcome with { ElapsedUs = task.ElapsedUs });
        spare.Push(task);
    }

    private void Settle(SegmentJob job, WriteOutcome outcome)
    {
        job.Written = outcome;
        job.HandOver(LeaseHolder.Writer, LeaseHolder.Supervisor);
        settled.Add(job);
        if (job.Batch is null || ++job.Batch[0].SettledOfBatch == job.Batch.Length)
        {
            heldSlabs--;
            settledSlabs++;
        }
    }
}
