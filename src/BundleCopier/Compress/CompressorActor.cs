using Akka.Actor;
using BundleCopier.Memory;
using static BundleCopier.Compress.CompressorProtocol;

namespace BundleCopier.Compress;

/// <summary>One compressing thread.</summary>
internal sealed class CompressorActor(int compressor) : UntypedActor
{
    private readonly SegmentCompressor core = new();

    protected override void OnReceive(object message)
    {
        if (message is not PackSegment ask)
        {
            Unhandled(message);
            return;
        }

        ask.Content.HandOver(LeaseHolder.Supervisor, LeaseHolder.Compressor);
        ask.Frame.HandOver(LeaseHolder.Supervisor, LeaseHolder.Compressor);
        PackedSegment packed = core.Pack(ask.Content, ask.ContentBytes, ask.Frame, ask.Effort);
        ask.Content.HandOver(LeaseHolder.Compressor, LeaseHolder.Supervisor);
        ask.Frame.HandOver(LeaseHolder.Compressor, LeaseHolder.Supervisor);
        Sender.Tell(new SegmentPacked(compressor, ask.Ticket, packed));
    }
}
