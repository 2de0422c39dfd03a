using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Memory;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Segments;
using static BundleCopier.Read.ReaderProtocol;

namespace BundleCopier.Read;

/// <summary>One reader.</summary>
internal sealed class ReaderActor(int reader, CopyOptions options, IKernel kernel, WorkerThreads threads) : UntypedActor
{
    private readonly SegmentReader core = new(options, OwnThreadDispatcher.Breathe);
    private readonly ThreadPlace place = new(kernel, threads);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ReadSegment ask:
                Sender.Tell(new SegmentRead(reader, ask.Ticket, Read(ask)));
                break;
            case ReadBunch ask:
                Sender.Tell(new BunchRead(reader, ask.Ticket, Array.ConvertAll(ask.Segments, Read)));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private SegmentOutcome Read(ReadSegment ask)
    {
        place.Take();
        ask.Lease.HandOver(LeaseHolder.Supervisor, LeaseHolder.Reader);
        SegmentOutcome outcome = core.Fill(ask.Source, ask.Segment, ask.ReadMode, ask.Lease);
        ask.Lease.HandOver(LeaseHolder.Reader, LeaseHolder.Supervisor);
        return outcome;
    }
}
