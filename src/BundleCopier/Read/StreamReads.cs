using BundleCopier.Faults;
using BundleCopier.Plan;
using BundleCopier.Segments;

namespace BundleCopier.Read;

/// <summary>
/// The segments of streams that one reader has to read, in their order. All segments of a stream go to one reader.
/// Synchronous.
/// </summary>
/// <param name="options">What the reader looks for in the bytes.</param>
/// <param name="nowMs">The monotonic clock.</param>
internal sealed class StreamReads(CopyOptions options, Func<long> nowMs)
{
    // Short, because writes that end meanwhile are noticed afterwards.
    private const int WaitMs = 20;

    private readonly Queue<SegmentJob> waiting = new();
    private readonly StreamPass pass = new(options, nowMs);

    /// <summary>The segment that is being read.</summary>
    public SegmentJob? InHand { get; private set; }

    /// <summary>There is a segment to read.</summary>
    public bool HasWork => InHand is not null || waiting.Count > 0;

    public void Add(SegmentJob job) => waiting.Enqueue(job);

    /// <summary>Reads once.</summary>
    /// <param name="leftBytes">
    /// How much may still be read now; lowered by what was read, and 0 where nothing came.
    /// </param>
    /// <param name="mayWait">The reader has nothing else to do.</param>
    /// <returns>The segment that has ended; null where none has.</returns>
    public SegmentJob? Step(ref int leftBytes, bool mayWait)
    {
        if (InHand is null)
        {
            InHand = waiting.Dequeue();
            pass.Begin(InHand.File.Source, InHand.Lease);
        }

        if (!pass.Step(ref leftBytes, mayWait ? WaitMs : 0))
            return null;
        SegmentJob ended = InHand;
        (ended.Read, InHand) = (pass.Outcome, null);
        return ended;
    }

    /// <summary>The copy ends early: the segments that were not begun.</summary>
    public IEnumerable<SegmentJob> Drop(Fault cause)
    {
        while (waiting.TryDequeue(out SegmentJob? job))
        {
            job.Drop(cause);
            yield return job;
        }
    }
}
