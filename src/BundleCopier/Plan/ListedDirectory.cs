using BundleCopier.Faults;
using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>
/// The directory of some patterns. It is listed once, and each name goes to the first pattern that matches it, unless
/// an entry of the manifest names that file. Names that no pattern matches are not kept.
/// </summary>
internal sealed class ListedDirectory
{
    private const int NamesPerBeat = 64;

    private readonly HashSet<(string Name, string Output)> named = [];
    private readonly List<PatternMatches> patterns = [];
    private int looked;

    /// <summary>
    /// Why it was not listed to its end: its filesystem does not answer, or the copy ends early. Null where it was.
    /// </summary>
    public Fault? Unlisted { get; private set; }

    /// <summary>Why it could not be listed; none when it could.</summary>
    public Errno Error { get; private set; }

    /// <summary>The part of its path that is missing or is not a directory; null when there is none.</summary>
    public PathObstacle? Obstacle { get; private set; }

    /// <summary>A pattern; earlier ones come first.</summary>
    public void Add(PatternMatches pattern) => patterns.Add(pattern);

    /// <summary>A file that belongs to an entry without a pattern.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="output">Its name in the bundle.</param>
    public void Name(string name, string output) => named.Add((name, output));

    /// <summary>
    /// Lists it, unless its filesystem is known to hang. A directory may have millions of names, or no end (FUSE), so
    /// the listing ends when the copy is stopped.
    /// </summary>
    /// <param name="kernel">The system that the directory is on.</param>
    /// <param name="path">Its path.</param>
    /// <param name="hung">The filesystems that do not answer; null for none.</param>
    /// <param name="getsOn">Told now and then while it lists: a million names are no hang.</param>
    public void List(IKernel kernel, string path, HungSources? hung, Action? getsOn = null)
    {
        Unlisted = hung?.StopCause ?? hung?.FaultOf(path);
        if (Unlisted is not null)
            return;
        IoResult listed = kernel.ListNames(path, name =>
        {
            if (looked++ % NamesPerBeat == 0)
                getsOn?.Invoke();
            Take(kernel, name);
            return hung?.StopCause is null;
        });
        Unlisted = hung?.StopCause;
        if (listed.IsOk)
            return;
        Error = listed.Error;
        Obstacle = PathObstacle.Find(kernel, path, Error);
    }

    private void Take(IKernel kernel, string name)
    {
        for (int i = 0; i < patterns.Count; i++)
        {
            PatternMatches pattern = patterns[i];
            if (!pattern.IsMatch(name))
                continue;
            pattern.HasAny = true;
            bool isTaken = named.Contains((name, pattern.Prefix + name));
            for (int j = 0; j < i && !isTaken; j++)
                isTaken = patterns[j].Prefix == pattern.Prefix && patterns[j].IsMatch(name);
            if (!isTaken)
                pattern.Add(kernel, name);
        }
    }
}
