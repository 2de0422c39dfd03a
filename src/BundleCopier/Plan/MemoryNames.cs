using System.Globalization;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>
/// Names of outputs for the memory of a process (docs/manifest.md has the rules). Two files never get one name. Pure.
/// </summary>
internal sealed class MemoryNames
{
    private const string Deleted = " (deleted)";
    private const string MemfdStart = "/memfd:";
    private const string SysVStart = "/SYSV";
    private const int KeyDigits = 8;

    // With what makes it unique and with the suffix of compressed files, the name must fit into 255 bytes.
    private const int MaxLeafBytes = 200;

    private readonly HashSet<string> taken = [];

    // The next number behind a name that ends in an address. Without it the names of N files at one address, as in
    // processes that were started without ASLR, would cost N² / 2 attempts.
    private readonly Dictionary<string, int> nextNumbers = [];

    /// <summary>
    /// The name that patterns are compared with, without its directory: <c>engine.heap</c>, <c>memfd-NAME</c>,
    /// <c>sysv-KEY-ID</c> or <c>anon-ADDRESS</c>.
    /// </summary>
    public static string LeafOf(MemoryMapping mapping)
    {
        string path = mapping.File.Path;
        string named = path.EndsWith(Deleted, StringComparison.Ordinal) ? path[..^Deleted.Length] : path;
        if (path is "/dev/zero (deleted)" or "/anon_hugepage (deleted)")
            return $"anon-{mapping.Start.ToString("x", CultureInfo.InvariantCulture)}";
        if (named.StartsWith(MemfdStart, StringComparison.Ordinal))
            return Safe($"memfd-{named[MemfdStart.Length..]}");
        if (IsSysV(mapping.File))
            return $"sysv-{named[SysVStart.Length..]}-{mapping.File.Inode.ToString(CultureInfo.InvariantCulture)}";
        return Safe(PathText.Name(named));
    }

    /// <summary>
    /// The file is a System V segment: its number is the segment's id, which is not unique among other namespaces.
    /// </summary>
    public static bool IsSysV(MappedFile file) =>
        file.Path.StartsWith(SysVStart, StringComparison.Ordinal)
        && file.Path.Length == SysVStart.Length + KeyDigits + Deleted.Length
        && file.Path.EndsWith(Deleted, StringComparison.Ordinal)
        && !file.Path.AsSpan(SysVStart.Length, KeyDigits).ContainsAnyExcept("0123456789abcdef");

    /// <summary>The kernel has made the file without a name: it is in memory, on a mount without a path.</summary>
    public static bool IsNameless(MappedFile file) =>
        file.Path is "/dev/zero (deleted)" or "/anon_hugepage (deleted)"
        || file.Path.StartsWith(MemfdStart, StringComparison.Ordinal)
        || IsSysV(file);

    /// <summary>Takes a name below a directory.</summary>
    public string Take(string prefix, MemoryMapping mapping)
    {
        string name = $"{prefix}/{LeafOf(mapping)}";
        if (taken.Add(name))
            return name;
        string numbered = $"{name}-{mapping.File.Inode.ToString(CultureInfo.InvariantCulture)}";
        if (taken.Add(numbered))
            return numbered;
        // No two mappings of a process have one address, but two entries may have the same prefix.
        string addressed = $"{name}-{mapping.Start.ToString("x", CultureInfo.InvariantCulture)}";
        if (taken.Add(addressed))
            return addressed;
        int number = nextNumbers.GetValueOrDefault(addressed, 2);
        string unique;
        do
            unique = $"{addressed}-{number++.ToString(CultureInfo.InvariantCulture)}";
        while (!taken.Add(unique));
        nextNumbers[addressed] = number;
        return unique;
    }

    private static string Safe(string leaf)
    {
        // Each character has a byte or more.
        leaf = (leaf.Length > MaxLeafBytes ? leaf[..MaxLeafBytes] : leaf).Replace('/', '_');
        while (NameBytes.Count(leaf) > MaxLeafBytes)
            leaf = leaf[..^1];
        // Not half a character.
        if (leaf.Length > 0 && char.IsHighSurrogate(leaf[^1]))
            leaf = leaf[..^1];
        return leaf is "" or "." or ".." ? "memory" : leaf;
    }
}
