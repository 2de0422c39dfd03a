namespace BundleCopier.Benchmarks.Running;

/// <summary>
/// The directories that the calling script made and will remove, whatever happens, and the programs it built.
/// </summary>
/// <param name="Memory">A directory in /dev/shm, for sources.</param>
/// <param name="Disk">A directory on the disk that is written to.</param>
/// <param name="Tools">The directory of the programs in C.</param>
/// <param name="BundleCopy">The native program.</param>
public sealed record Workplace(string Memory, string Disk, string Tools, string BundleCopy)
{
    public string Measure => Path.Combine(Tools, "measure");

    public string Recipe => Path.Combine(Tools, "recipe");

    public string Cached => Path.Combine(Tools, "cached");

    public string Neighbour => Path.Combine(Tools, "neighbour");

    public string FirstWrite => Path.Combine(Tools, "firstwrite");

    /// <summary>Prints progress on standard error.</summary>
    public static void Say(string text) => Console.Error.WriteLine($"bench: {text}");
}
