using BundleCopier.Receipt;

namespace BundleCopier.Supervise;

/// <summary>
/// Decides how segments travel where both ways are open, by trying both: stretches of segments go one way and then the other,
/// and the way whose segments came home faster is kept. Which that is depends on the disk (how many pieces a request may
/// have) and on how the source's pages lie in memory, so nobody can know it beforehand. Pure: times are given.
/// </summary>
internal sealed class TravelChoice
{
    /// <summary>Segments in a row that go one way. In between the pipeline holds some of both, so the first of each are not counted.</summary>
    public const int StretchSegments = 32;

    /// <summary>Stretches before the choice is made; each way has every second one, so that a disk that slows down slows both.</summary>
    public const int Stretches = 4;

    private const int UncountedSegments = 8;

    // A mapping takes a third of the CPU time: where both are as fast as the disk, it is the better one.
    private const double MapHandicap = 0.97;

    private readonly long[] elapsedUs = new long[2];
    private readonly long[] bytes = new long[2];
    private Travel? chosen;
    private Travel lastWay;
    private long lastUs;
    private int sentCount;
    private int inARow;

    /// <summary>How the next segment goes.</summary>
    public Travel Next()
    {
        if (chosen is { } way)
            return way;
        if (sentCount < StretchSegments * Stretches)
            return (sentCount++ / StretchSegments) % 2 == 0 ? Travel.Slab : Travel.Map;
        // What is still on its way changes little; a way that nobody came home by cannot be judged.
        chosen = Rate(Travel.Map) >= MapHandicap * Rate(Travel.Slab) && bytes[(int)Travel.Map] > 0 ? Travel.Map : Travel.Slab;
        return chosen.Value;
    }

    /// <summary>A segment that <see cref="Next"/> sent is on disk.</summary>
    public void Arrived(Travel way, long dataBytes, long nowUs)
    {
        if (chosen is not null)
            return;
        inARow = way == lastWay ? inARow + 1 : 1;
        if (inARow > UncountedSegments)
        {
            elapsedUs[(int)way] += nowUs - lastUs;
            bytes[(int)way] += dataBytes;
        }

        (lastWay, lastUs) = (way, nowUs);
    }

    private double Rate(Travel way) => bytes[(int)way] / (double)Math.Max(elapsedUs[(int)way], 1);
}
