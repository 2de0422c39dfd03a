namespace BundleCopier.Cli;

/// <summary>The rate of the last seconds, from how much is done at each moment.</summary>
internal sealed class ProgressRate
{
    // Long enough to be calm, and short enough to show what happens now.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Queue<(long Bytes, TimeSpan At)> samples = new();
    private (long Bytes, TimeSpan At) newest;

    /// <summary>Takes one more report, and gives bytes a second; null as long as there is no answer.</summary>
    public double? After(long bytes, TimeSpan at)
    {
        // The same report, or one of another copy.
        if (samples.Count > 0 && (at < newest.At || bytes < newest.Bytes))
            samples.Clear();
        if (samples.Count == 0 || at > newest.At)
            samples.Enqueue((bytes, at));
        newest = (bytes, at);
        while (samples.Count > 2 && at - samples.Peek().At > Window)
            samples.Dequeue();
        (long firstBytes, TimeSpan firstAt) = samples.Peek();
        double seconds = (at - firstAt).TotalSeconds;
        return seconds > 0 ? (bytes - firstBytes) / seconds : null;
    }
}
