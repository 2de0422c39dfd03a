namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>What a copy did to the machine's memory, in bytes.</summary>
/// <param name="PageCacheGrowth">The most page cache there was, less what there was before.</param>
/// <param name="MostDirty">The most there was to write back.</param>
/// <param name="LeastFree">The least that was free.</param>
public sealed record MemoryUse(long PageCacheGrowth, long MostDirty, long LeastFree)
{
    /// <summary>Sums up looks at the memory, of which the first was before the copy.</summary>
    public static MemoryUse Of(IReadOnlyList<MemoryState> states) =>
        new(states.Max(s => s.PageCache) - states[0].PageCache, states.Max(s => s.Dirty), states.Min(s => s.Free));
}
