using BundleCopier.Govern;
using BundleCopier.Model;
using BundleCopier.Segments;

namespace BundleCopier.Supervise;

/// <summary>
/// Knows how many slabs in flight each worker of a crew has, and chooses the route of the next one. Pure.
/// </summary>
/// <param name="readers">Number of readers.</param>
/// <param name="compressors">Number of compressors; 0 where no file is compressed.</param>
/// <param name="writers">Number of writers.</param>
/// <param name="first">The limits to begin with; the window in them is the largest there will be.</param>
internal sealed class WorkerPool(int readers, int compressors, int writers, IoLimits first)
{
    // Waiting for a reader, or being read, so that the reader never idles while a report and the next order cross.
    private const int ReadAhead = 2;

    // Settled and not reported: a writer reports up to four slabs at once.
    private const int Unreported = 4;

    // Reports in a row, of 4 MiB each, in which the disk had nothing to do: the first reader is too slow for it. A
    // helper after one such report costs up to 20 % more processor time (docs/decisions/0027-direct-pipeline.md).
    private const int DryReportsBeforeHelp = 8;

    // For a helping lane: two slabs to read while two are written.
    private const int HelperSlabs = 4;

    private readonly int[] atReader = new int[readers];
    private readonly int[] atCompressor = new int[compressors];
    private readonly int[] atWriter = new int[writers];
    private readonly int windowSlabs = (int)SegmentGrid.CountOf((long)first.Pieces * first.PieceBytes);
    private bool overlaps;
    private int dryReports;

    /// <summary>Slabs in flight.</summary>
    public int InFlight { get; private set; }

    /// <summary>Writers that have something to do.</summary>
    public int WritersAtWork => Math.Max(1, atWriter.Count(static slabs => slabs > 0));

    /// <summary>
    /// Writers do not wait for their writes from now on. One thread then keeps the disk busy: it gets all orders, and
    /// the others sleep until it is too slow. Two threads that read at once slow each other down (docs/decisions).
    /// </summary>
    public void Overlap() => overlaps = true;

    /// <summary>A writer has reported whether the disk could take more than its reader delivers.</summary>
    public void Reported(int writer, bool ranDry)
    {
        if (writer == 0)
            dryReports = ranDry ? dryReports + 1 : 0;
    }

    /// <summary>The route of the next slab; null when every worker that may have one has enough.</summary>
    /// <param name="limits">The limits that hold now.</param>
    /// <param name="isCompressed">The slab goes through a compressor.</param>
    /// <param name="fixedWriter">The writer that the slab must go to; -1 for any.</param>
    /// <param name="fixedReader">The reader that the slab must go to; -1 for any.</param>
    public JobRoute? Find(IoLimits limits, bool isCompressed, int fixedWriter, int fixedReader = -1)
    {
        if (InFlight >= limits.MaxSegments)
            return null;
        int compressor = isCompressed ? FewestOf(atCompressor, compressors) : 0;
        // Compressors work on one, have one waiting, and have one that waits for its place in the file.
        int compressing = isCompressed ? 3 * compressors : 0;
        if (!overlaps)
        {
            int most = (ReadAhead * Math.Min(limits.Readers, readers))
                + (ReadAhead * Math.Min(limits.Writers, writers)) + compressing;
            return InFlight >= most
                ? null
                : new JobRoute(
                    fixedReader >= 0 ? fixedReader : FewestOf(atReader, limits.Readers),
                    compressor,
                    fixedWriter >= 0 ? fixedWriter : FewestOf(atWriter, limits.Writers));
        }

        // One more than the window, so that the disk does not wait until the writer has seen the end of a write.
        int maxSlabs = windowSlabs + 1 + ReadAhead + Unreported + compressing;
        if (fixedReader >= 0)
        {
            return atReader[fixedReader] < maxSlabs
                ? new JobRoute(fixedReader, compressor, fixedWriter >= 0 ? fixedWriter : fixedReader % writers)
                : null;
        }

        if (atReader[0] < maxSlabs)
            return new JobRoute(0, compressor, fixedWriter >= 0 ? fixedWriter : 0);
        if (dryReports < DryReportsBeforeHelp)
            return null;
        for (int i = 1; i < Math.Min(limits.Readers, readers); i++)
        {
            if (atReader[i] < HelperSlabs)
                return new JobRoute(i, compressor, fixedWriter >= 0 ? fixedWriter : i % writers);
        }

        return null;
    }

    /// <summary>A slab starts.</summary>
    public void Started(JobRoute route, bool isCompressed) => Add(route, isCompressed, 1);

    /// <summary>A slab has settled.</summary>
    public void Settled(JobRoute route, bool isCompressed) => Add(route, isCompressed, -1);

    private void Add(JobRoute route, bool isCompressed, int slabs)
    {
        atReader[route.Reader] += slabs;
        atWriter[route.Writer] += slabs;
        if (isCompressed)
            atCompressor[route.Compressor] += slabs;
        InFlight += slabs;
    }

    private static int FewestOf(int[] slabs, int limit)
    {
        int best = 0;
        for (int i = 1; i < Math.Clamp(limit, 1, slabs.Length); i++)
        {
            if (slabs[i] < slabs[best])
                best = i;
        }

        return best;
    }
}
