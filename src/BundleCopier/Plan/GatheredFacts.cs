using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>The facts of a copy.</summary>
/// <param name="Now">Those that are there.</param>
/// <param name="Aside">Those that another thread gathers; null for none.</param>
internal sealed record GatheredFacts(IReadOnlyList<GatheredFact> Now, AsideFacts? Aside)
{
    public static GatheredFacts None { get; } = new([], null);

    /// <summary>How many there will be at most.</summary>
    public int Count => Now.Count + (Aside?.Count ?? 0);

    /// <summary>
    /// They are written when everything else is: a process is held until its core is read, and writing small files
    /// takes time.
    /// </summary>
    public bool AreWrittenLast => Aside is not null;

    /// <summary>All that are there. What is not gathered yet gets a moment.</summary>
    public IReadOnlyList<GatheredFact> All() => Aside is null ? Now : [.. Now, .. Aside.Take()];
}

/// <summary>Facts that a thread of its own gathers, while the core of their process is read. For any thread.</summary>
internal sealed class AsideFacts(string[] names)
{
    // By then the process has gone, and with it what the thread reads.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ManualResetEventSlim isDone = new();
    private IReadOnlyList<GatheredFact> facts = [];

    public int Count => names.Length;

    public void Complete(IReadOnlyList<GatheredFact> found)
    {
        facts = found;
        isDone.Set();
    }

    /// <summary>The facts; those that cannot be had say so.</summary>
    public IReadOnlyList<GatheredFact> Take() => isDone.Wait(Patience)
        ? facts
        : [.. names.Select(static n => new GatheredFact(n, [], IsCut: false, new Errno(KernelErrors.NoAnswer)))];
}
