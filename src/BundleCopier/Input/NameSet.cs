namespace BundleCopier.Input;

/// <summary>Names below files/ that can all exist at once: no two equal, none a directory of another.</summary>
internal sealed class NameSet
{
    private readonly string[] sorted;

    private NameSet(string[] sorted) => this.sorted = sorted;

    /// <summary>The number of names.</summary>
    public int Count => sorted.Length;

    /// <summary>
    /// Checks all names at once. Sorting with '/' lowest puts a name right before everything below it, so looking at neighbours finds
    /// every clash in O(n log n) without a table of all directories, which hostile deep names could make huge.
    /// </summary>
    /// <param name="entries">The names and whose they are; gone through again where two clash.</param>
    /// <returns>The set, or the first clash in the order of names.</returns>
    public static (NameSet? Names, NameClash? Clash) Of(IEnumerable<NamedEntry> entries)
    {
        string[] sorted = [.. entries.Select(static e => e.Name)];
        Array.Sort(sorted, Order.Instance);
        for (int i = 1; i < sorted.Length; i++)
        {
            string before = sorted[i - 1], name = sorted[i];
            // Whose they are is only asked where there is something to tell.
            if (name == before)
                return (null, new NameClash(entries.First(e => e.Name == name), entries.Where(e => e.Name == name).ElementAt(1), IsDirectory: false));
            if (IsBelow(name, before))
                return (null, new NameClash(entries.First(e => e.Name == before), entries.First(e => e.Name == name), IsDirectory: true));
        }
        return (new NameSet(sorted), null);
    }

    /// <summary>True when the path is one of the names or a directory above one: nothing else may be created there.</summary>
    public bool Claims(string path)
    {
        int at = Array.BinarySearch(sorted, path, Order.Instance);
        return at >= 0 || (~at < sorted.Length && IsBelow(sorted[~at], path));
    }

    private static bool IsBelow(string name, string directory) =>
        name.Length > directory.Length && name[directory.Length] == '/' && name.StartsWith(directory, StringComparison.Ordinal);

    private sealed class Order : IComparer<string>
    {
        public static readonly Order Instance = new();

        public int Compare(string? x, string? y)
        {
            ReadOnlySpan<char> a = x, b = y;
            int same = a.CommonPrefixLength(b);
            if (same == a.Length || same == b.Length)
                return a.Length - b.Length;
            return (a[same] == '/' ? -1 : a[same]) - (b[same] == '/' ? -1 : b[same]);
        }
    }
}

/// <summary>A name and what claims it.</summary>
/// <param name="Name">The path below files/.</param>
/// <param name="Claimant">Who wants it, for the message: <c>files[3]</c> or a source path.</param>
/// <param name="Index">The position in the caller's order, so that the caller can name the later of two.</param>
internal readonly record struct NamedEntry(string Name, string Claimant, int Index);

/// <summary>Two names that cannot both exist.</summary>
/// <param name="First">The first; when <paramref name="IsDirectory"/>, the one that the other needs as a directory.</param>
/// <param name="Second">The second.</param>
/// <param name="IsDirectory">True when the first is a directory of the second, false when both are equal.</param>
internal sealed record NameClash(NamedEntry First, NamedEntry Second, bool IsDirectory);
