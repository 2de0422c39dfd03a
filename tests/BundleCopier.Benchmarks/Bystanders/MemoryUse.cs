namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>A copy's effect on the machine's memory, in bytes.</summary>
/// <param name="PageCacheGrowth">The largest page cache minus the page cache before the copy.</param>
/// <param name="MaxDirty">The largest amount to write back.</param>
/// <param name="MinFree">The smallest amount of free memory.</param>
public sealed record MemoryUse(long PageCacheGrowth, long MaxDirty, long MinFree)
{
    /// <summary>Summarizes readings of the memory; the first one is from before the copy.</summary>
    public static MemoryUse Of(IReadOnlyList<MemoryState> states) =>
        new(states.Max(s => s.PageCache) - states[0].PageCache, states.Max(s => s.Dirty), states.Min(s => s.Free));
}
