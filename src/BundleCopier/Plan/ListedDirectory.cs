using BundleCopier.Faults;
using BundleCopier.Manifest;
using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>
/// The directory of a pattern: its names in order, and which of them already belong to an entry.
/// </summary>
internal sealed class ListedDirectory
{
    private readonly string[] names = [];
    private readonly bool[] isTaken = [];

    /// <summary>A directory whose filesystem does not answer.</summary>
    private ListedDirectory(Fault hung) => Hung = hung;

    private ListedDirectory(IKernel kernel, string path)
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

    /// <summary>Lists a directory, unless its filesystem is known to hang.</summary>
    /// <param name="kernel">The system that the directory is on.</param>
    /// <param name="path">Its path.</param>
    /// <param name="hung">The filesystems that do not answer; null for none.</param>
    public static ListedDirectory Of(IKernel kernel, string path, HungSources? hung) =>
        hung?.FaultOf(path) is { } fault ? new ListedDirectory(fault) : new ListedDirectory(kernel, path);

    /// <summary>Its filesystem does not answer; null where it does.</summary>
    public Fault? Hung { get; }

    /// <summary>Why it could not be listed; none when it could.</summary>
    public Errno Error { get; }

    /// <summary>The part of its path that is missing or is not a directory; null when there is none.</summary>
    public PathObstacle? Obstacle { get; }

    public int Count => names.Length;

    /// <summary>Marks a name that belongs to an entry without a pattern.</summary>
    public void Take(string name)
    {
        int at = Array.BinarySearch(names, name, StringComparer.Ordinal);
        if (at >= 0)
            isTaken[at] = true;
    }

    /// <summary>Gives a pattern the names that it matches, without those that belong to another entry.</summary>
    /// <returns>False when it matches none, not even one of another entry.</returns>
    public bool Take(GlobPattern pattern, Action<string> give)
    {
        bool matches = false;
        for (int i = 0; i < names.Length; i++)
        {
            if (!pattern.IsMatch(names[i]))
                continue;
            matches = true;
            if (isTaken[i])
                continue;
            isTaken[i] = true;
            give(names[i]);
        }

        return matches;
    }
}
