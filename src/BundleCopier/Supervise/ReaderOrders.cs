using BundleCopier.Segments;

namespace BundleCopier.Supervise;

/// <summary>Collects the jobs of each reader, and sends them together.</summary>
/// <param name="readers">How many readers there are.</param>
internal sealed class ReaderOrders(int readers)
{
    private readonly List<SegmentJob>[] byReader =
        [.. Enumerable.Range(0, readers).Select(static _ => new List<SegmentJob>())];

    public void Add(SegmentJob job) => byReader[job.Route.Reader].Add(job);

    public void SendTo(ICrew crew)
    {
        for (int reader = 0; reader < byReader.Length; reader++)
        {
            if (byReader[reader].Count == 0)
                continue;
            crew.Read(reader, byReader[reader].ToArray());
            byReader[reader].Clear();
        }
    }
}
