using static BundleCopier.Govern.GovernProtocol;

namespace BundleCopier.Govern;

/// <summary>The dials as they are set, and what the writes under them were like. Pure; the supervisor's.</summary>
internal sealed class WriteStats(IoLimits first, long startUs)
{
    // A median of fewer says little; they are kept for the next look.
    private const int FewestPieces = 3;

    private readonly LatencySample latencies = new();
    private long pieces;
    private long writtenBytes;
    private long lookedAtUs = startUs;

    /// <summary>As they are set.</summary>
    public IoLimits IoLimits { get; private set; } = first;

    /// <summary>Counts how often they were turned in what a write feels, to tell writes that were ordered before from those after.</summary>
    public int Turns { get; private set; }

    public void Turn(IoLimits dials)
    {
        bool isSameDisk = (dials.Writers, dials.Pieces, dials.PieceBytes, dials.RateBytes) == (IoLimits.Writers, IoLimits.Pieces, IoLimits.PieceBytes, IoLimits.RateBytes);
        IoLimits = dials;
        if (isSameDisk)
            return;
        Turns++;
        // What was seen of other dials says nothing about these.
        latencies.TakeMedianUs();
        pieces = 0;
    }

    /// <summary>Some data is on disk.</summary>
    /// <param name="turns">What <see cref="Turns"/> was when it was ordered.</param>
    /// <param name="bytes">How much; nothing where the write failed or found only zeros.</param>
    /// <param name="pieceUs">How long the disk took for a piece of it.</param>
    public void Written(int turns, long bytes, long pieceUs)
    {
        writtenBytes += bytes;
        // A write far smaller than a piece says more about the way to the disk than about the disk.
        if (turns == Turns && bytes >= LatencyScale.StepBytes && pieceUs > 0)
        {
            latencies.Add(pieceUs);
            pieces += (bytes + IoLimits.PieceBytes - 1) / IoLimits.PieceBytes;
        }
    }

    /// <summary>Many small files are on disk, whose writes say more about the way to the disk than about the disk.</summary>
    public void WrittenSmall(long bytes) => writtenBytes += bytes;

    /// <summary>What was written since the last look, which this is.</summary>
    /// <param name="nowUs">The time.</param>
    public WritesSeen Look(long nowUs)
    {
        (int count, long medianUs) = pieces < FewestPieces ? (0, 0) : ((int)pieces, latencies.TakeMedianUs());
        WritesSeen seen = new(nowUs - lookedAtUs, count, medianUs, writtenBytes);
        (lookedAtUs, writtenBytes) = (nowUs, 0);
        if (count > 0)
            pieces = 0;
        return seen;
    }
}
