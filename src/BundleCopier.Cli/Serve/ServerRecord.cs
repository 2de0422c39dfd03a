namespace BundleCopier.Cli.Serve;

/// <summary>A crash that is over.</summary>
/// <param name="Name">See <see cref="Crash.Name"/>.</param>
/// <param name="End">How it ended.</param>
/// <param name="Path">The bundle; null where there is none.</param>
/// <param name="Message">Why there is none; null where there is one.</param>
/// <param name="FinishedAt">When.</param>
/// <param name="Seconds">How long it took from its arrival.</param>
internal sealed record FinishedCrash(
    string Name, CrashEnd End, string? Path, string? Message, DateTimeOffset FinishedAt, double Seconds);

/// <summary>Counts the crashes, and remembers the last ones.</summary>
internal sealed class ServerRecord
{
    public const int MaxLast = 20;

    private readonly LinkedList<FinishedCrash> last = [];
    private readonly int[] ends = new int[Enum.GetValues<CrashEnd>().Length];
    private readonly int[] refusals = new int[Enum.GetValues<RefusedFor>().Length];

    /// <summary>The last crashes that are over, the newest first.</summary>
    public IReadOnlyCollection<FinishedCrash> Last => last;

    public int CountOf(CrashEnd end) => ends[(int)end];

    public int CountOf(RefusedFor reason) => refusals[(int)reason];

    public void Add(FinishedCrash crash)
    {
        ends[(int)crash.End]++;
        last.AddFirst(crash);
        if (last.Count > MaxLast)
            last.RemoveLast();
    }

    public void AddRefused(FinishedCrash crash, RefusedFor reason)
    {
        refusals[(int)reason]++;
        Add(crash);
    }
}
