using BundleCopier.Model;

namespace BundleCopier.Supervise;

/// <summary>
/// Decides how segments travel where both ways are open, by trying both: stretches of segments go one way and then the other,
/// and the way whose segments came home faster is kept. Which that is depends on the disk (how many pieces a request may
/// have) and on how the source's pages lie in memory, so nobody can know it beforehand. Pure: times are given.
/// </summary>
/// <param name="maxUnderWay">Segments that the pipeline can hold.</param>
internal sealed class TravelChoice(int maxUnderWay)
{
    /// <summary>Files below this do not try: going the worse way for a while would cost them more than a twentieth.</summary>
    public const long SmallestFileBytes = 2L << 30;

    /// <summary>Stretches before the choice is made; each way has every second one, so that a disk that slows down slows both.</summary>
    public const int Stretches = 4;

    private const int ShortestStretch = 32;

    private readonly long[] elapsedUs = new long[2];
    private readonly long[] bytes = new long[2];
    private ReadMode lastWay;
    private long lastUs;
    private int sentCount;
    private int inARow;

    /// <summary>Segments in a row that go one way.</summary>
    public int StretchSegments => Math.Max(ShortestStretch, 3 * maxUnderWay);

    /// <summary>What was found to be better; null while that is not known.</summary>
    public ReadMode? Chosen { get; private set; }

    /// <summary>How the next segment goes.</summary>
    public ReadMode Next()
    {
        if (Chosen is { } way)
            return way;
        if (sentCount < StretchSegments * Stretches)
            return (sentCount++ / StretchSegments) % 2 == 0 ? ReadMode.Slab : ReadMode.Map;
        // What is still on its way changes little; a way that nobody came home by cannot be judged. A mapping takes less CPU time (0.33 s a GiB
        // against 0.43, measured): of two as fast ones it is the better.
        Chosen = Rate(ReadMode.Map) >= Rate(ReadMode.Slab) && bytes[(int)ReadMode.Map] > 0 ? ReadMode.Map : ReadMode.Slab;
        return Chosen.Value;
    }

    /// <summary>Something else was written meanwhile, so the time since the last arrival says nothing.</summary>
    public void Interrupted() => inARow = 0;

    /// <summary>A whole segment that <see cref="Next"/> sent is on disk.</summary>
    public void Arrived(ReadMode way, long dataBytes, long nowUs)
    {
        if (Chosen is not null)
            return;
        inARow = way == lastWay ? inARow + 1 : 1;
        // What was under way at the turn shared the pipeline with the other way.
        if (inARow > maxUnderWay)
        {
            elapsedUs[(int)way] += nowUs - lastUs;
            bytes[(int)way] += dataBytes;
        }

        (lastWay, lastUs) = (way, nowUs);
    }

    private double Rate(ReadMode way) => bytes[(int)way] / (double)Math.Max(elapsedUs[(int)way], 1);
}
