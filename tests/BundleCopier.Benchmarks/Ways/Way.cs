using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Ways;

/// <summary>The source and the target of a copy.</summary>
/// <param name="Source">A file, or a directory of files.</param>
/// <param name="Target">An empty directory on the disk.</param>
/// <param name="Bytes">The bytes of data in the source.</param>
public sealed record CopyJob(string Source, string Target, long Bytes);

/// <summary>A way of copying. Its output is durable when its command ends.</summary>
/// <param name="Id">A short, unique name.</param>
/// <param name="Title">Its name in reports.</param>
/// <param name="Command">Makes the command and the files that the command needs.</param>
public sealed record Way(string Id, string Title, Func<CopyJob, Command> Command)
{
    /// <summary>Whether it is bundlecopy.</summary>
    public bool IsOurs { get; init; }

    /// <summary>Whether it copies nothing, for comparison.</summary>
    public bool IsIdle { get; init; }

    /// <summary>The seconds that the program itself reports; for a program whose start must not count.</summary>
    public Func<double>? OwnSeconds { get; init; }
}
