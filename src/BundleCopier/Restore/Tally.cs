namespace BundleCopier.Restore;

/// <summary>Counts by kind what several threads find, and passes it on, one call at a time.</summary>
/// <param name="kindOf">The kind of an item.</param>
/// <param name="take">Gets each item.</param>
internal sealed class Tally<TItem, TKind>(Func<TItem, TKind> kindOf, Action<TItem> take)
    where TKind : struct, Enum
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKind, int> counts = [];

    /// <summary>How many items of each kind there are. Not to be read while threads add items.</summary>
    public IReadOnlyDictionary<TKind, int> Counts => counts;

    public void Add(TItem item)
    {
        lock (gate)
        {
            TKind kind = kindOf(item);
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
            take(item);
        }
    }
}
