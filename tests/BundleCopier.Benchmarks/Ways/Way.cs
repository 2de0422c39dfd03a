using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Ways;

/// <summary>What is to be copied where.</summary>
/// <param name="Source">A file, or a directory of files.</param>
/// <param name="Target">An empty directory on the disk.</param>
/// <param name="Bytes">How much data it is.</param>
public sealed record CopyJob(string Source, string Target, long Bytes);

/// <summary>A way of copying that leaves everything durable when its command ends.</summary>
/// <param name="Id">A short name for finding its figures again.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Command">Makes the command, and whatever files the command needs.</param>
public sealed record Way(string Id, string Title, Func<CopyJob, Command> Command)
{
    /// <summary>Whether it is bundlecopy.</summary>
    public bool IsOurs { get; init; }

    /// <summary>Whether it only lets time pass, for comparison, and copies nothing.</summary>
    public bool IsIdle { get; init; }

    /// <summary>For a program whose start is not part of the work: the seconds it reports for the last run.</summary>
    public Func<double>? OwnSeconds { get; init; }
}
