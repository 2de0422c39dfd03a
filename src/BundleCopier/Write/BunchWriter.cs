using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Segments;
using static BundleCopier.Write.WriterProtocol;

namespace BundleCopier.Write;

/// <summary>
/// Writes small files that share a lease. Their first writes go to the kernel together; whatever comes of each is judged,
/// and gone on with, where every other segment's writes are. Synchronous; one a thread.
/// </summary>
internal sealed class BunchWriter(SegmentWriter core, IKernel kernel) : IDisposable
{
    private IWriteQueue? queue;
    private bool isQueueAsked;
    private QueuedWrite[] writes = [];

    public SegmentOutcome[] Write(WriteSegment[] segments)
    {
        SegmentOutcome[] outcomes = new SegmentOutcome[segments.Length];
        Begin(segments);
        for (int i = 0; i < segments.Length; i++)
        {
            WriteSegment ask = segments[i];
            outcomes[i] = core.Write(ask.Source, ask.Output, ask.Segment, ask.Lease, ask.PieceBytes, ask.IsRetry, out _, writes[i].Result);
        }

        return outcomes;
    }

    public void Dispose() => queue?.Dispose();

    private void Begin(WriteSegment[] segments)
    {
        if (writes.Length < segments.Length)
            writes = new QueuedWrite[segments.Length];
        for (int i = 0; i < segments.Length; i++)
        {
            WriteSegment ask = segments[i];
            Run first = ask.Lease.Runs.AsSpan()[0];
            writes[i] = new QueuedWrite(
                ask.Output, ask.Lease.Address + first.Offset, first.Length, (ask.Segment * SegmentGrid.SegmentBytes) + first.Offset);
        }

        if (!isQueueAsked)
            queue = kernel.OpenWriteQueue();
        isQueueAsked = true;
        queue?.WriteAll(writes.AsSpan(0, segments.Length));
    }
}
