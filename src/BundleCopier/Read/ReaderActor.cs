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
/// One reader. It reads one piece a message, so that its thread can look after writes between two pieces, and hands
/// each filled segment to the compressor or writer that the job names.
/// </summary>
/// <param name="number">The reader's number.</param>
/// <param name="options">What the reader looks for in the bytes.</param>
/// <param name="board">Tells when the copy ends early: orders that are not begun are handed on unread.</param>
/// <param name="place">The place of its thread among others.</param>
/// <param name="compressors">By number.</param>
/// <param name="writers">By number.</param>
internal sealed class ReaderActor(
    int number,
    CopyOptions options,
    IoBoard board,
    ThreadPlace place,
    IReadOnlyList<IActorRef> compressors,
    IReadOnlyList<IActorRef> writers)
    : WorkerActor(WorkerKind.Reader, number, place)
{
    private readonly SegmentReader core = new(options);
    private readonly Queue<SegmentJob> waiting = new();
    private SegmentJob? inHand;
    private bool isReading;

    protected override SegmentJob? InHand => inHand;

    protected override bool Handle(object message)
    {
        switch (message)
        {
            case ReadSegments ask:
                foreach (SegmentJob job in ask.Jobs)
                    waiting.Enqueue(job);
                break;
            case ReadOn:
                isReading = false;
                Read();
                break;
            default:
                return false;
        }

        if (!isReading && (inHand is not null || waiting.Count > 0))
        {
            isReading = true;
            Self.Tell(ReadOn.Instance);
        }

        return true;
    }

    private void Read()
    {
        if (inHand is null && board.StopCause is { } cause)
            Drop(cause);
        for (int leftBytes = SegmentReader.PieceBytes; leftBytes > 0;)
        {
            if (inHand is null && !TakeNext())
                return;
            SegmentJob job = inHand!;
            if (!core.Step(ref leftBytes))
                continue;
            job.Read = core.Outcome;
            inHand = null;
            if (HandOn(job))
                return;
        }
    }

    private bool TakeNext()
    {
        if (!waiting.TryDequeue(out SegmentJob? job))
            return false;
        inHand = job;
        core.Begin(job.File.Source, job.Segment, job.Mode, job.Lease);
        return true;
    }

    private void Drop(Fault cause)
    {
        while (waiting.TryDequeue(out SegmentJob? job))
        {
            job.Drop(cause);
            HandOn(job);
        }
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

    // Jobs for a compressor reach the writer by another way and do not count.
    private int CountFollowing(int writer)
    {
        int count = 0;
        foreach (SegmentJob job in waiting)
        {
            if (job.Route.Writer == writer && job.Frame is null)
                count++;
        }

        return count;
    }

    /// <summary>To itself: read the next piece.</summary>
    private sealed record ReadOn
    {
        public static ReadOn Instance { get; } = new();
    }
}
