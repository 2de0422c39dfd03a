using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Lz4;
using BundleCopier.Memory;
using BundleCopier.Native;
using static BundleCopier.Compress.CompressorProtocol;

namespace BundleCopier.Compress;

/// <summary>One compressing thread.</summary>
internal sealed class CompressorActor(int compressor, IKernel kernel, WorkerThreads threads) : UntypedActor
{
    private readonly SegmentCompressor core = new();
    private readonly ThreadPlace place = new(kernel, threads);

    protected override void OnReceive(object message)
    {
        if (message is not CompressSegment ask)
        {
            Unhandled(message);
            return;
        }

        place.Take();
        ask.Content.HandOver(LeaseHolder.Supervisor, LeaseHolder.Compressor);
        ask.Frame.HandOver(LeaseHolder.Supervisor, LeaseHolder.Compressor);
        long startUs = kernel.MonotonicUs;
        CompressedSegment packed = core.Pack(ask.Content, ask.ContentBytes, ask.Frame, ask.Effort);
        long elapsedUs = kernel.MonotonicUs - startUs;
        ask.Content.HandOver(LeaseHolder.Compressor, LeaseHolder.Supervisor);
        ask.Frame.HandOver(LeaseHolder.Compressor, LeaseHolder.Supervisor);
        Sender.Tell(new SegmentCompressed(compressor, ask.Ticket, packed, elapsedUs));
    }
}
