namespace BundleCopier.Govern;

/// <summary>
/// The best latency that was seen for each amount of data in flight. More data in flight takes longer by itself, so a
/// latency shows another program only when it is compared with the best one at the same amount. An amount that was
/// never tried is estimated from others: twice as much takes at most twice as long, and less takes no longer than more.
/// </summary>
internal sealed class LatencyScale
{
    /// <summary>The step in which windows differ, in bytes.</summary>
    public const int StepBytes = 64 << 10;

    /// <summary>
    /// A disk that became slower for good is not taken for a busy one for ever: in a minute the best is forgotten by
    /// half.
    /// </summary>
    public const double ForgottenATick = 1.0012;

    private readonly double[] bestUs;

    /// <param name="maxWindowBytes">The largest window there will be.</param>
    public LatencyScale(long maxWindowBytes)
    {
        bestUs = new double[(maxWindowBytes / StepBytes) + 1];
        Array.Fill(bestUs, double.PositiveInfinity);
    }

    /// <summary>How many times the best a latency is; at least 1.</summary>
    /// <param name="windowBytes">What was in flight.</param>
    /// <param name="latencyUs">What was seen now.</param>
    public double Inflation(long windowBytes, double latencyUs)
    {
        int step = StepOf(windowBytes);
        double bestHereUs = double.PositiveInfinity;
        for (int i = 1; i < bestUs.Length; i++)
        {
            bestUs[i] *= ForgottenATick;
            bestHereUs = Math.Min(bestHereUs, i < step ? bestUs[i] * step / i : bestUs[i]);
        }

        bestUs[step] = Math.Min(bestUs[step], latencyUs);
        return Math.Max(1, latencyUs / bestHereUs);
    }

    private int StepOf(long windowBytes) => (int)Math.Clamp(windowBytes / StepBytes, 1, bestUs.Length - 1);
}
