namespace BundleCopier.Govern;

/// <summary>
/// What the writes of a copy were like since the governor looked last. Writers add to it, the governor takes it. Safe
/// on any thread.
/// </summary>
/// <param name="first">The limits to begin with.</param>
/// <param name="startUs">The time, in microseconds.</param>
internal sealed class WriteStats(IoLimits first, long startUs)
{
    // A median of fewer pieces says little; they are kept for the next look.
    private const int FewestPieces = 3;

    private readonly Lock gate = new();
    private readonly LatencySample latencies = new();
    private IoLimits limits = first;
    private long pieces;
    private long writtenBytes;
    private long lookedAtUs = startUs;

    /// <summary>Other limits hold from now on: what was seen under the old ones says nothing about these.</summary>
    public void LimitsChanged(IoLimits to)
    {
        lock (gate)
        {
            bool isSame = to.IsSameForDisk(limits);
            limits = to;
            if (isSame)
                return;
            latencies.TakeMedianUs();
            pieces = 0;
        }
    }

    /// <summary>Some data is on disk.</summary>
    /// <param name="under">The limits when the write was begun.</param>
    /// <param name="bytes">How much; 0 where the write failed or found only zeros.</param>
    /// <param name="pieceUs">How long the disk took for one piece of it; 0 where that is not known.</param>
    public void Written(IoLimits under, long bytes, long pieceUs)
    {
        lock (gate)
        {
            writtenBytes += bytes;
            // A write far smaller than a piece says more about the way to the disk than about the disk.
            if (bytes < LatencyScale.StepBytes || pieceUs <= 0 || !under.IsSameForDisk(limits))
                return;
            latencies.Add(pieceUs);
            pieces += (bytes + limits.PieceBytes - 1) / limits.PieceBytes;
        }
    }

    /// <summary>Takes what was written since the last look.</summary>
    /// <param name="nowUs">The time, in microseconds.</param>
    public WritesSeen Take(long nowUs)
    {
        lock (gate)
        {
            (int count, long medianUs) = pieces < FewestPieces ? (0, 0) : ((int)pieces, latencies.TakeMedianUs());
            WritesSeen seen = new(nowUs - lookedAtUs, count, medianUs, writtenBytes);
            (lookedAtUs, writtenBytes) = (nowUs, 0);
            if (count > 0)
                pieces = 0;
            return seen;
        }
    }
}

/// <summary>What the copy's own writes were like since the last look.</summary>
/// <param name="ElapsedUs">The time since then, in microseconds.</param>
/// <param name="Count">
/// Pieces whose latency counts: those under the limits that hold. 0 where there are too few.
/// </param>
/// <param name="MedianUs">Their median latency, in microseconds.</param>
/// <param name="WrittenBytes">All that was written.</param>
internal readonly record struct WritesSeen(long ElapsedUs, int Count, long MedianUs, long WrittenBytes);
