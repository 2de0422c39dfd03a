using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Compress;
using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Memory;
using BundleCopier.Plan;
using BundleCopier.Segments;
using BundleCopier.Write;
using static BundleCopier.Read.ReaderProtocol;

namespace BundleCopier.Read;

/// <summary>
/// One reader. It reads one piece a turn, so that its thread can look after writes between two pieces, and hands each
/// filled segment to the compressor or writer that the job names. It reads outside of its mailbox. While a read hangs,
/// it goes on with another core and other segments; what the read uses is left to it.
/// </summary>
/// <param name="number">The reader's number.</param>
/// <param name="options">What the reader looks for in the bytes.</param>
/// <param name="board">Tells when the copy ends early: orders that are not begun are handed on unread.</param>
/// <param name="place">The place of its thread among others.</param>
/// <param name="compressors">By number.</param>
/// <param name="writers">By number.</param>
/// <param name="hung">The filesystems that do not answer.</param>
/// <param name="watch">Shows the supervisor the reads of sources that may hang.</param>
/// <param name="nowMs">The monotonic clock.</param>
internal sealed class ReaderActor(
    int number,
    CopyOptions options,
    IoBoard board,
    ThreadPlace place,
    IReadOnlyList<IActorRef> compressors,
    IReadOnlyList<IActorRef> writers,
    HungSources hung,
    CallWatch watch,
    Func<long> nowMs)
    : WorkerActor(WorkerKind.Reader, number, place)
{
    private readonly Queue<SegmentJob> waiting = new();
    private readonly Queue<WatchedRead> returned = new();
    private readonly StreamReads streams = new(options, nowMs);
    private SegmentReader core = new(options);
    private SegmentJob? inHand;
    private WorkThread? thread;
    private ThreadWork? work;
    private bool isReading;

    protected override SegmentJob? InHand => inHand ?? streams.InHand;

    protected override void PreStart()
    {
        watch.Attach(Self);
        (thread, work) = (WorkThread.Current, new ThreadWork(ReadTurn, Self));
    }

    protected override bool Handle(object message)
    {
        switch (message)
        {
            case ReadSegments ask:
                foreach (SegmentJob job in ask.Jobs)
                {
                    if (job.File.Source.Stream is null)
                        waiting.Enqueue(job);
                    else
                        streams.Add(job);
                }

                break;
            case ReadOn:
                isReading = !Read();
                break;
            case CallHangs hangs:
                (core, inHand, isReading) = (new SegmentReader(options), null, false);
                Resume(hangs.Call);
                break;
            case CallReturned late:
                Resume(late.Call);
                break;
            case ScoutProtocol.SourceGivenUp given when watch.Forget(given.Call):
                GiveUp((SegmentJob)given.Call.InHand!, given.Fault);
                break;
            case ScoutProtocol.SourceGivenUp or ScoutProtocol.SourcesGoOn:
                break;
            case WorkFailed failed:
                failed.Throw();
                break;
            default:
                return false;
        }

        GoOn();
        return true;
    }

    protected override void PostStop()
    {
        base.PostStop();
        foreach (HungCall call in watch.Hung())
            _ = call.TryGiveUp();
    }

    private void GoOn()
    {
        if (isReading || (!streams.HasWork && !HasFileWork))
            return;
        isReading = true;
        if (thread is null)
            Self.Tell(ReadOn.Instance);
        else
            thread.Add(work!);
    }

    // There is something to do for files, and it does not wait for a filesystem that may hang.
    private bool HasFileWork => (inHand is not null || waiting.Count > 0 || returned.Count > 0) && !MustWait();

    // Outside of the mailbox.
    private void ReadTurn()
    {
        if (IsStopped)
            return;
        TakePlace();
        if (!Read())
            return;
        isReading = false;
        GoOn();
    }

    /// <summary>
    /// Reads one piece. False when a read was taken for hung: the calling thread is not the reader's.
    /// </summary>
    private bool Read()
    {
        if (inHand is null && board.StopCause is { } cause)
            Drop(cause);
        if (streams.HasWork)
            ReadStream();
        for (int leftBytes = SegmentReader.PieceBytes; leftBytes > 0;)
        {
            if (inHand is null && !TakeNext())
                return true;
            SegmentJob job = inHand!;
            bool hasEnded;
            if (!job.File.Source.CanHang)
                hasEnded = core.Step(ref leftBytes);
            else if (!TryStep(job, ref leftBytes, out hasEnded))
                return false;
            if (!hasEnded)
                continue;
            job.Read = core.Outcome;
            inHand = null;
            if (HandOn(job))
                return true;
        }

        return true;
    }

    /// <summary>Reads up to a piece of a stream, which never hangs.</summary>
    private void ReadStream()
    {
        for (int leftBytes = SegmentReader.PieceBytes; leftBytes > 0 && streams.HasWork;)
        {
            if (streams.Step(ref leftBytes, mayWait: !HasFileWork) is not { } ended)
                continue;
            _ = HandOn(ended);
            return;
        }
    }

    private bool TryStep(SegmentJob job, ref int leftBytes, out bool hasEnded)
    {
        hasEnded = false;
        if (!watch.TryCall(
            job, job.File.Source.Planned.Source, new WatchedRead(job, core, leftBytes), StepIn, out object answer))
        {
            return false;
        }

        (answer as WorkFailed)?.Throw();
        WatchedRead read = (WatchedRead)answer;
        (hasEnded, leftBytes) = (read.HasEnded, read.LeftBytes);
        return true;
    }

    private static object StepIn(WatchedRead read)
    {
        int leftBytes = read.LeftBytes;
        bool hasEnded = read.Core.Step(ref leftBytes);
        return read with { HasEnded = hasEnded, LeftBytes = leftBytes };
    }

    /// <summary>A read that was taken for hung has returned: it is gone on with.</summary>
    private void Resume(HungCall call)
    {
        if (call.Answer is not { } answer || !watch.Forget(call))
            return;
        (answer as WorkFailed)?.Throw();
        WatchedRead read = (WatchedRead)answer;
        read.Job.IsHung = false;
        returned.Enqueue(read);
    }

    private void GiveUp(SegmentJob job, Fault fault)
    {
        job.LoseSlab();
        Fail(job, fault);
    }

    private void Fail(SegmentJob job, Fault fault)
    {
        job.Drop(fault);
        _ = HandOn(job);
    }

    private bool TakeNext()
    {
        while (returned.TryDequeue(out WatchedRead? read))
        {
            if (read.HasEnded)
            {
                read.Job.Read = read.Core.Outcome;
                _ = HandOn(read.Job);
                continue;
            }

            (inHand, core) = (read.Job, read.Core);
            return true;
        }

        // Jobs whose filesystem may hang go to the end of the queue.
        for (int left = waiting.Count; left > 0; left--)
        {
            SegmentJob job = waiting.Dequeue();
            if (!hung.IsEmpty && job.File.Source.CanHang)
            {
                if (hung.FaultOf(job.File.Source.Planned.Source) is { } fault)
                {
                    Fail(job, fault);
                    continue;
                }

                if (hung.IsSuspect(job.File.Source.Planned.Source))
                {
                    waiting.Enqueue(job);
                    continue;
                }
            }

            inHand = job;
            core.Begin(job.File.Source, job.Segment, job.Mode, job.Lease);
            return true;
        }

        return false;
    }

    private bool MustWait() => !hung.IsEmpty && inHand is null && returned.Count == 0
        && waiting.All(job => job.File.Source.CanHang && hung.IsSuspect(job.File.Source.Planned.Source));

    private void Drop(Fault cause)
    {
        while (waiting.TryDequeue(out SegmentJob? job))
        {
            job.Drop(cause);
            _ = HandOn(job);
        }

        foreach (SegmentJob job in streams.Drop(cause))
            _ = HandOn(job);
    }

    /// <summary>Hands a filled segment on. False where it waits for the rest of its batch.</summary>
    private bool HandOn(SegmentJob job)
    {
        // Segments without data need no compressor; the writer puts them in order with the others.
        if (job.Frame is not null && job.Lease.Runs.Count > 0)
        {
            job.HandOver(LeaseHolder.Reader, LeaseHolder.Compressor);
            compressors[job.Route.Compressor].Tell(new CompressorProtocol.CompressSegment(job));
            return true;
        }

        SegmentJob[] filled = job.Batch ?? [job];
        if (filled[^1] != job)
            return false;
        foreach (SegmentJob one in filled)
            one.HandOver(LeaseHolder.Reader, LeaseHolder.Writer);
        writers[job.Route.Writer].Tell(new WriterProtocol.WriteSegments(filled, CountFollowing(job.Route.Writer)));
        return true;
    }

    // Jobs for a compressor reach the writer by another way and do not count. The writer must not wait for jobs whose
    // reads may hang.
    private int CountFollowing(int writer)
    {
        int count = 0;
        foreach (SegmentJob job in waiting)
        {
            if (job.Route.Writer == writer && job.Frame is null && !job.File.Source.CanHang)
                count++;
        }

        return count;
    }

    /// <summary>A read that may hang, with all that it uses.</summary>
    private sealed record WatchedRead(SegmentJob Job, SegmentReader Core, int LeftBytes, bool HasEnded = false);

    /// <summary>To itself: read the next piece.</summary>
    private sealed record ReadOn
    {
        public static ReadOn Instance { get; } = new();
    }
}
