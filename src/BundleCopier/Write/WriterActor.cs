using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Segments;
using static BundleCopier.Write.WriterProtocol;

namespace BundleCopier.Write;

/// <summary>
/// One writer. Where the path to the disk is direct it has a few writes in flight and does not wait for them: whatever thread it is on looks
/// after them between other work. All else (small files, second attempts, filesystems that cannot write directly) it writes and waits.
/// </summary>
internal sealed class WriterActor(int writer, CopyOptions options, IKernel kernel, WorkerThreads threads, ZeroFrames? zeros = null) : UntypedActor
{
    private readonly SegmentWriter core = new(options);
    private readonly ThreadPlace place = new(kernel, threads);
    private BunchWriter? bunches;
    private OverlappedWriter? overlapped;
    private bool isOverlappedAsked;
    private OwnThreadDispatcher? thread;
    private Action? look;
    private IActorRef self = ActorRefs.Nobody;

    protected override void PreStart() => self = Self;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case WriteSegment ask:
                Write(ask);
                break;
            case WriteFrame ask:
                Write(ask);
                break;
            case WriteBunch ask:
                Write(ask);
                break;
            case WaitForWrites:
                overlapped!.Look(wait: true);
                WaitIfBusy();
                break;
            case LookFailed failed:
                throw new InvalidOperationException("What a write had led to could not be taken in.", failed.Cause);
            default:
                Unhandled(message);
                break;
        }
    }

    // The supervisor takes the leases back when it knows of the end, and so after the last write from them.
    protected override void PostStop()
    {
        if (look is not null)
            thread?.Leave(look);
        // Destroying takes 30 ms that nobody needs to wait for, unless something is still under way.
        if (overlapped is { IsBusy: true })
            overlapped.Dispose();
        else
            OwnThreadDispatcher.GiveBackLater(overlapped);
        OwnThreadDispatcher.GiveBackLater(bunches);
    }

    private void Write(WriteBunch ask)
    {
        place.Take();
        foreach (WriteSegment segment in ask.Segments)
            segment.Lease.HandOver(LeaseHolder.Supervisor, LeaseHolder.Writer);
        SegmentOutcome[] outcomes = (bunches ??= new BunchWriter(core, kernel)).Write(ask.Segments);
        foreach (WriteSegment segment in ask.Segments)
            segment.Lease.HandOver(LeaseHolder.Writer, LeaseHolder.Supervisor);
        Sender.Tell(new BunchWritten(writer, ask.Ticket, outcomes));
    }

    private void Write(WriteFrame ask)
    {
        place.Take();
        ask.Content.HandOver(LeaseHolder.Supervisor, LeaseHolder.Writer);
        ask.Frame.HandOver(LeaseHolder.Supervisor, LeaseHolder.Writer);
        long startUs = kernel.MonotonicUs;
        Errno error = FrameWriter.WriteZeros(ask.Output, zeros!, ask.Placement);
        if (error.IsError)
        {
            Answer(ask, Sender, error, kernel.MonotonicUs - startUs, pieceUs: 0);
            return;
        }

        long zerosUs = kernel.MonotonicUs - startUs;
        Span<WriteStretch> stretches = stackalloc WriteStretch[FrameWriter.MaxStretches];
        stretches = stretches[..FrameWriter.LayOut(ask.Placement, ask.Packed, ask.Content, ask.ContentBytes, ask.Frame, stretches)];
        if (Overlapped(ask.Output) is { } queue)
        {
            WriteTask task = queue.Spare();
            // A stored segment is a little longer than a segment, and the little bit costs as much as a request of its own as all the rest.
            task.Reset(ask, Sender, ask.Output, ask.PieceBytes < SegmentGrid.SegmentBytes ? ask.PieceBytes : FrameBytes(ask), zerosUs);
            foreach (WriteStretch stretch in stretches)
                task.Add(stretch);
            Begin(queue, task, ask.Pieces);
            return;
        }

        error = FrameWriter.Write(ask.Output, stretches, ask.PieceBytes);
        long elapsedUs = kernel.MonotonicUs - startUs;
        Answer(ask, Sender, error, elapsedUs, PieceUs(elapsedUs - zerosUs, FrameBytes(ask), ask.PieceBytes));
    }

    private void Write(WriteSegment ask)
    {
        place.Take();
        ask.Lease.HandOver(LeaseHolder.Supervisor, LeaseHolder.Writer);
        if (!ask.IsRetry && Overlapped(ask.Output) is { } queue)
        {
            long start = ask.Segment * SegmentGrid.SegmentBytes;
            WriteTask task = queue.Spare();
            task.Reset(ask, Sender, ask.Output, ask.PieceBytes, lease: ask.Lease);
            foreach (Run run in ask.Lease.Runs.AsSpan())
                task.Add(new WriteStretch(ask.Lease.Payload + run.Offset, run.Length, start + run.Offset));
            Begin(queue, task, ask.Pieces);
            return;
        }

        WriteAndWait(ask, Sender, hasFailed: false);
    }

    private void WriteAndWait(WriteSegment ask, IActorRef replyTo, bool hasFailed)
    {
        long startUs = kernel.MonotonicUs;
        SegmentOutcome outcome = hasFailed
            ? core.WriteAgain(ask.Source, ask.Output, ask.Segment, ask.Lease, ask.PieceBytes, out bool isSourceLost)
            : core.Write(ask.Source, ask.Output, ask.Segment, ask.Lease, ask.PieceBytes, ask.IsRetry, out isSourceLost);
        long elapsedUs = kernel.MonotonicUs - startUs;
        Answer(ask, replyTo, outcome, isSourceLost, elapsedUs, PieceUs(elapsedUs, outcome.DataBytes, ask.PieceBytes));
    }

    private OverlappedWriter? Overlapped(IOutputFile output)
    {
        if (output.Io != OutputIo.Direct)
            return null;
        if (!isOverlappedAsked)
        {
            isOverlappedAsked = true;
            thread = OwnThreadDispatcher.Current;
            if (kernel.OpenOverlappedWrites(IoLimits.MaxPieces, thread?.Signal) is { } writes)
                overlapped = new OverlappedWriter(writes, kernel, Conclude);
            if (overlapped is not null && thread is not null)
                thread.Attend(look = LookFromThread);
        }

        return overlapped;
    }

    private void Begin(OverlappedWriter queue, WriteTask task, int pieces)
    {
        bool wasBusy = queue.IsBusy;
        queue.Limit = pieces;
        queue.Begin(task);
        // Who shares a thread with strangers is told by nobody, and has to wait when there is nothing else to do.
        if (thread is null && !wasBusy)
            WaitIfBusy();
    }

    private void WaitIfBusy()
    {
        if (overlapped!.IsBusy)
            self.Tell(WaitForWrites.Instance);
    }

    // Not in the actor's own turn, so whatever is thrown here has to be carried there.
    private void LookFromThread()
    {
        try
        {
            overlapped!.Look(wait: false);
        }
        catch (Exception e)
        {
            thread!.Leave(look!);
            self.Tell(new LookFailed(e));
        }
    }

    /// <summary>An order is over. What did not go smoothly is done once more, waiting for each write: that tells why, and what can be saved.</summary>
    private void Conclude(WriteTask task)
    {
        switch (task.Order)
        {
            case WriteSegment ask when task.HasFailed:
                WriteAndWait(ask, task.ReplyTo, hasFailed: true);
                break;
            case WriteSegment ask:
                SegmentOutcome outcome = core.Conclude(ask.Source, ask.Output, ask.Segment, ask.Lease);
                Answer(ask, task.ReplyTo, outcome, isSourceLost: false, task.ElapsedUs, task.PieceUs);
                break;
            case WriteFrame ask:
                Errno error = task.HasFailed ? FrameWriter.Write(ask.Output, task.Stretches, ask.PieceBytes) : Errno.None;
                Answer(ask, task.ReplyTo, error, task.ElapsedUs, task.PieceUs);
                break;
        }
    }

    private void Answer(WriteSegment ask, IActorRef replyTo, SegmentOutcome outcome, bool isSourceLost, long elapsedUs, long pieceUs)
    {
        ask.Lease.HandOver(LeaseHolder.Writer, LeaseHolder.Supervisor);
        replyTo.Tell(new SegmentWritten(writer, ask.Ticket, outcome, isSourceLost, elapsedUs, pieceUs), self);
    }

    private void Answer(WriteFrame ask, IActorRef replyTo, Errno error, long elapsedUs, long pieceUs)
    {
        ask.Content.HandOver(LeaseHolder.Writer, LeaseHolder.Supervisor);
        ask.Frame.HandOver(LeaseHolder.Writer, LeaseHolder.Supervisor);
        int writtenBytes = error.IsError ? 0 : (int)(ask.Placement.ZeroGroups * ZeroFrames.GroupBytes) + FrameBytes(ask);
        SegmentOutcome outcome = error.IsError
            ? new SegmentOutcome(0, 0, Fault.OfWrite(error, ask.Placement.Offset))
            : new SegmentOutcome(ask.ContentBytes, writtenBytes, null);
        replyTo.Tell(new SegmentWritten(writer, ask.Ticket, outcome, IsSourceLost: false, elapsedUs, pieceUs), self);
    }

    private static int FrameBytes(WriteFrame ask) => FrameLayout.Of(ask.Placement.ZeroBytes, ask.Packed).TotalBytes;

    // Of one that was written piece by piece.
    private static long PieceUs(long elapsedUs, long bytes, int pieceBytes) => bytes == 0 ? 0 : elapsedUs * Math.Min(pieceBytes, bytes) / bytes;

    /// <summary>To itself: everything that could be begun has been.</summary>
    private sealed record WaitForWrites
    {
        public static WaitForWrites Instance { get; } = new();
    }

    /// <summary>To itself: a bug, met outside of its turn.</summary>
    private sealed record LookFailed(Exception Cause);
}
