using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Govern;
using BundleCopier.Memory;
using BundleCopier.Native;
using BundleCopier.Segments;
using BundleCopier.Write;
using static BundleCopier.Compress.CompressorProtocol;

namespace BundleCopier.Compress;

/// <summary>One compressing thread: makes each segment a frame and hands the job to the writer that it names.</summary>
internal sealed class CompressorActor(
    int number, IKernel kernel, IoBoard board, ThreadPlace place, IReadOnlyList<IActorRef> writers)
    : WorkerActor(WorkerKind.Compressor, number, place)
{
    private readonly SegmentCompressor core = new();
    private SegmentJob? inHand;

    protected override SegmentJob? InHand => inHand;

    protected override bool Handle(object message)
    {
        if (message is not CompressSegment { Job: SegmentJob job })
            return false;
        inHand = job;
        if (board.StopCause is { } cause)
            job.Drop(cause);
        else
            Compress(job);
        inHand = null;
        job.HandOver(LeaseHolder.Compressor, LeaseHolder.Writer);
        writers[job.Route.Writer].Tell(new WriterProtocol.WriteSegments([job], Following: 0));
        return true;
    }

    private void Compress(SegmentJob job)
    {
        long startUs = kernel.MonotonicUs;
        job.Compressed = core.Compress(job.Lease, job.LengthBytes, job.Frame!, job.Effort);
        job.CompressUs = kernel.MonotonicUs - startUs;
    }
}
