using Akka.Actor;
using BundleCopier.Memory;
using BundleCopier.Plan;
using BundleCopier.Read;
using static BundleCopier.Write.WriterProtocol;

namespace BundleCopier.Write;

/// <summary>One writing thread: one write in flight.</summary>
internal sealed class WriterActor(int writer, CopyOptions options) : UntypedActor
{
    private readonly SegmentWriter core = new(options);

    protected override void OnReceive(object message)
    {
        if (message is not WriteSegment ask)
        {
            Unhandled(message);
            return;
        }

        ask.Lease.HandOver(LeaseHolder.Supervisor, LeaseHolder.Writer);
        SegmentOutcome outcome = core.Write(ask.Source, ask.Output, ask.Segment, ask.Lease, ask.IsRetry, out bool isSourceLost);
        ask.Lease.HandOver(LeaseHolder.Writer, LeaseHolder.Supervisor);
        Sender.Tell(new SegmentWritten(writer, ask.Ticket, outcome, isSourceLost));
    }
}
