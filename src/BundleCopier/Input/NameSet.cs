namespace BundleCopier.Input;

/// <summary>
/// Names below files/ that can exist together: no two are equal, and no name is a directory of another.
/// </summary>
internal sealed class NameSet
{
    private readonly string[] sorted;

    private NameSet(string[] sorted) => this.sorted = sorted;

    /// <summary>The number of names.</summary>
    public int Count => sorted.Length;

    /// <summary>
    /// Checks that the names can exist together. The names are sorted with '/' before all other characters, so that a
    /// name is right before the names below it. Then comparing each name with the next one finds every clash in O(n
    /// log n). A table of all directories would do, too, but malicious deep names could make it huge.
    /// </summary>
    /// <param name="entries">The names and their claimants. Enumerated again when two names clash.</param>
    /// <returns>The set, or the first clash in sorted order.</returns>
    public static (NameSet? Names, NameClash? Clash) Of(IEnumerable<NamedEntry> entries)
    {
        string[] sorted = [.. entries.Select(static e => e.Name)];
        Array.Sort(sorted, Order.Instance);
        for (int i = 1; i < sorted.Length; i++)
        {
            string before = sorted[i - 1], name = sorted[i];
            if (name == before)
            {
                NamedEntry[] equal = [.. entries.Where(e => e.Name == name).Take(2)];
                return (null, new NameClash(equal[0], equal[1], IsDirectory: false));
            }

            if (IsBelow(name, before))
            {
                NamedEntry directory = entries.First(e => e.Name == before);
                return (null, new NameClash(directory, entries.First(e => e.Name == name), IsDirectory: true));
            }
        }
        return (new NameSet(sorted), null);
    }

    /// <summary>
    /// True when the path is one of the names, or a directory above one. No other file may have that path.
    /// </summary>
    public bool Claims(string path)
    {
        int at = Array.BinarySearch(sorted, path, Order.Instance);
        return at >= 0 || (~at < sorted.Length && IsBelow(sorted[~at], path));
    }

    private static bool IsBelow(string name, string directory) =>
        name.Length > directory.Length
            && name[directory.Length] == '/'
            && name.StartsWith(directory, StringComparison.Ordinal);

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

/// <summary>A name and its claimant: the entry that would get it.</summary>
/// <param name="Name">The path below files/.</param>
/// <param name="Claimant">The entry, for the message: <c>files[3]</c> or a source path.</param>
/// <param name="Index">
/// The entry's position in the caller's order, so that the caller can report the later of two.
/// </param>
internal readonly record struct NamedEntry(string Name, string Claimant, int Index);

/// <summary>Two names that cannot both exist.</summary>
/// <param name="First">The first of two equal names, or the name that would have to be a directory.</param>
/// <param name="Second">The second of two equal names, or the name below that directory.</param>
/// <param name="IsDirectory">True when the first is a directory of the second; false when both are equal.</param>
internal sealed record NameClash(NamedEntry First, NamedEntry Second, bool IsDirectory);
