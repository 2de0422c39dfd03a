using BundleCopier.Manifest;
using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>
/// A directory that patterns look into: its names in order, and for which of them an entry speaks already.
/// </summary>
internal sealed class ListedDirectory
{
    private readonly string[] names = [];
    private readonly bool[] isTaken = [];

    public ListedDirectory(IKernel kernel, string path)
    {
        if (!kernel.ListNames(path).Try(out IReadOnlyList<string>? all, out Errno error))
        {
            Error = error;
            Obstacle = PathObstacle.Find(kernel, path, error);
            return;
        }

        names = [.. all];
        Array.Sort(names, StringComparer.Ordinal);
        isTaken = new bool[names.Length];
    }

    /// <summary>Why it could not be listed; none where it could.</summary>
    public Errno Error { get; }

    /// <summary>What of its path is missing or in the way; null where nothing is.</summary>
    public PathObstacle? Obstacle { get; }

    public int Count => names.Length;

    /// <summary>
    /// The kernel's names are bytes; one that is no text can be neither asked for nor put into a receipt.
    /// </summary>
    public static bool IsText(string name) => !name.Contains('\uFFFD', StringComparison.Ordinal);

    /// <summary>An entry names the file itself.</summary>
    public void Take(string name)
    {
        int at = Array.BinarySearch(names, name, StringComparer.Ordinal);
        if (at >= 0)
            isTaken[at] = true;
    }

    /// <summary>Gives a pattern the names that it matches and nobody else has.</summary>
    /// <returns>False when it matches none at all.</returns>
    public bool Take(GlobPattern pattern, Action<string> give)
    {
        bool matches = false;
        for (int i = 0; i < names.Length; i++)
        {
            if (!pattern.IsMatch(names[i]))
                continue;
            matches = true;
            // What cannot be copied is told to everybody who asked for it.
            if (isTaken[i] && IsText(names[i]))
                continue;
            isTaken[i] = true;
            give(names[i]);
        }

        return matches;
    }
}
