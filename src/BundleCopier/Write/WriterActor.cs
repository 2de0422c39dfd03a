using Akka.Actor;
using BundleCopier.Compress;
using BundleCopier.Faults;
using BundleCopier.Govern;
using BundleCopier.Memory;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Read;
using static BundleCopier.Write.WriterProtocol;

namespace BundleCopier.Write;

/// <summary>One writing thread: one write in flight.</summary>
internal sealed class WriterActor(int writer, CopyOptions options, IKernel kernel, ZeroTape? zeros = null) : UntypedActor
{
    private readonly SegmentWriter core = new(options);
    private readonly ThreadPlace place = new(kernel);
    private BunchWriter? bunches;

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
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop() => bunches?.Dispose();

    private void Write(WriteBunch ask)
    {
        place.Take(ask.Segments[0].IsLowered);
        foreach (WriteSegment segment in ask.Segments)
            segment.Lease.HandOver(LeaseHolder.Supervisor, LeaseHolder.Writer);
        SegmentOutcome[] outcomes = (bunches ??= new BunchWriter(core, kernel)).Write(ask.Segments);
        foreach (WriteSegment segment in ask.Segments)
            segment.Lease.HandOver(LeaseHolder.Writer, LeaseHolder.Supervisor);
        Sender.Tell(new BunchWritten(writer, ask.Ticket, outcomes));
    }

    private void Write(WriteFrame ask)
    {
        place.Take(ask.IsLowered);
        ask.Content.HandOver(LeaseHolder.Supervisor, LeaseHolder.Writer);
        ask.Frame.HandOver(LeaseHolder.Supervisor, LeaseHolder.Writer);
        long startUs = kernel.MonotonicUs;
        Errno error = FrameWriter.Write(ask.Output, zeros!, ask.Placement, ask.Packed, ask.Content, ask.ContentBytes, ask.Frame, ask.PieceBytes);
        long elapsedUs = kernel.MonotonicUs - startUs;
        ask.Content.HandOver(LeaseHolder.Writer, LeaseHolder.Supervisor);
        ask.Frame.HandOver(LeaseHolder.Writer, LeaseHolder.Supervisor);
        int writtenBytes = error.IsError ? 0 : (int)(ask.Placement.ZeroGroups * ZeroTape.GroupBytes) + FrameWrite.Of(ask.Placement.ZeroBytes, ask.Packed).TotalBytes;
        SegmentOutcome outcome = error.IsError
            ? new SegmentOutcome(0, 0, Fault.OfWrite(error, ask.Placement.Offset))
            : new SegmentOutcome(ask.ContentBytes, writtenBytes, null);
        Sender.Tell(new SegmentWritten(writer, ask.Ticket, outcome, IsSourceLost: false, elapsedUs));
    }

    private void Write(WriteSegment ask)
    {
        place.Take(ask.IsLowered);
        ask.Lease.HandOver(LeaseHolder.Supervisor, LeaseHolder.Writer);
        long startUs = kernel.MonotonicUs;
        SegmentOutcome outcome = core.Write(ask.Source, ask.Output, ask.Segment, ask.Lease, ask.PieceBytes, ask.IsRetry, out bool isSourceLost);
        long elapsedUs = kernel.MonotonicUs - startUs;
        ask.Lease.HandOver(LeaseHolder.Writer, LeaseHolder.Supervisor);
        Sender.Tell(new SegmentWritten(writer, ask.Ticket, outcome, isSourceLost, elapsedUs));
    }
}
