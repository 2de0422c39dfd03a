using Akka.Actor;
using BundleCopier.Memory;
using BundleCopier.Plan;
using static BundleCopier.Read.ReaderProtocol;

namespace BundleCopier.Read;

/// <summary>One reading thread.</summary>
internal sealed class ReaderActor(int reader, CopyOptions options) : UntypedActor
{
    private readonly SegmentReader core = new(options);

    protected override void OnReceive(object message)
    {
        if (message is not ReadSegment ask)
        {
            Unhandled(message);
            return;
        }

        ask.Lease.HandOver(LeaseHolder.Supervisor, LeaseHolder.Reader);
        SegmentOutcome outcome = core.Fill(ask.Source, ask.Segment, ask.Travel, ask.Lease);
        ask.Lease.HandOver(LeaseHolder.Reader, LeaseHolder.Supervisor);
        Sender.Tell(new SegmentRead(reader, ask.Ticket, outcome));
    }
}
