using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary>
/// What the arguments SOURCE mean, as entries of a manifest: a file, a pattern, or a directory with everything below
/// it. A directory becomes one pattern for each directory in it, so its files are found when they are copied, by the
/// rules for patterns. No link below a source is followed.
/// </summary>
internal sealed class CopySources
{
    /// <summary>The most directories below all sources.</summary>
    public const int MaxDirectories = 10_000;

    /// <summary>The most notes that are kept.</summary>
    public const int MaxNotes = 20;

    private const string Where = "SOURCE";
    private const string DirectoryRule =
        "Wildcards work only in the last component of a path; name the directory, which is copied with all below it.";

    private readonly IKernel kernel;
    private readonly IReadOnlyList<string> exclude;
    private readonly GlobPattern[] excluded;
    private readonly List<ManifestFile> files = [];
    private readonly List<string> notes = [];
    private int directories;

    private CopySources(IKernel kernel, IReadOnlyList<string> exclude)
    {
        this.kernel = kernel;
        this.exclude = exclude;
        excluded = [.. exclude.Select(GlobPattern.Parse)];
    }

    /// <summary>The entries, and notes about what is left out.</summary>
    /// <param name="kernel">The system that the sources are on.</param>
    /// <param name="sources">The arguments. Relative paths count from the working directory.</param>
    /// <param name="exclude">Patterns for names of files and directories that are left out.</param>
    public static Parsed<SourceEntries> Of(
        IKernel kernel, IReadOnlyList<string> sources, IReadOnlyList<string> exclude)
    {
        CopySources found = new(kernel, exclude);
        foreach (string wrong in exclude.Where(static e => e.Length == 0 || e.Contains('/')))
        {
            return new InputError(
                "--exclude",
                "",
                $"{Printable.Quoted(wrong)} is not a pattern for names",
                "Give one that matches the last component of a path, such as \"*.tmp\".");
        }

        foreach (string source in sources)
        {
            if (found.Add(source) is { } problem)
                return problem;
        }

        return new SourceEntries(found.files, found.notes);
    }

    private InputError? Add(string source)
    {
        if (source.Length == 0)
            return new InputError(Where, "", "one is empty", "Name a file, a pattern or a directory.");
        string path = PathOf(source);
        if (path == "/")
            return new InputError(source, "", "is the root directory", "Name a file, a pattern or a directory in it.");
        IoResult looked = kernel.Look(path, out FileStat status);
        bool isDirectory = looked.IsOk
            && (status.IsDirectory || (!status.IsFile && kernel.ListNames(path, static _ => false).IsOk));
        if (isDirectory)
            return AddDirectory(path);
        string name = PathText.Name(path);
        bool isPattern = GlobPattern.IsPattern(name);
        if (looked.IsOk && isPattern)
        {
            // A shell has put this name in the place of a pattern.
            files.Add(new ManifestFile(PathText.Join(PathText.Parent(path), Escaped(name))));
            return null;
        }

        if (!looked.IsOk && DirectoryProblem(source, path) is { } problem)
            return problem;
        files.Add(new ManifestFile(path) { Exclude = isPattern && exclude.Count > 0 ? exclude : null });
        return null;
    }

    /// <summary>A wildcard in the directory of a source, which is no directory of that name; null for none.</summary>
    /// <param name="kernel">The system that the source is on.</param>
    /// <param name="where">What the error names.</param>
    /// <param name="field">Its field.</param>
    /// <param name="path">The source.</param>
    public static InputError? WildcardProblem(IKernel kernel, string where, string field, string path)
    {
        string directory = PathText.Parent(path);
        return directory.AsSpan().IndexOfAny('*', '?') >= 0 && !kernel.ListNames(directory, static _ => false).IsOk
            ? new InputError(
                where, field, $"{Printable.Quoted(directory)} is not a directory, and has a wildcard", DirectoryRule)
            : null;
    }

    private InputError? DirectoryProblem(string source, string path) => WildcardProblem(kernel, source, "", path);

    private InputError? AddDirectory(string top)
    {
        Stack<(string Path, string Name)> left = new([(top, PathText.Name(top))]);
        while (left.TryPop(out (string Path, string Name) here))
        {
            if (++directories > MaxDirectories)
            {
                return new InputError(
                    top,
                    "",
                    $"has more than {MaxDirectories} directories",
                    "Name some of them, or leave some out with --exclude.");
            }

            bool hasPlain = false;
            bool hasHidden = false;
            List<string> below = [];
            IoResult listed = kernel.ListNames(here.Path, name =>
            {
                if (Array.Exists(excluded, one => one.IsMatch(name)))
                    return true;
                string path = PathText.Join(here.Path, name);
                if (!kernel.Look(path, out FileStat status).IsOk)
                    return true; // it has gone
                if (status.IsDirectory)
                    below.Add(name);
                else if (!status.IsFile)
                    Note($"left out: {path}: it is {KindOf(status)}");
                else if (name.StartsWith('.'))
                    hasHidden = true;
                else
                    hasPlain = true;
                return below.Count <= MaxDirectories;
            });
            if (!listed.IsOk && here.Path == top)
                return new InputError(top, "", $"cannot be listed: {listed.Error.Name}", "Check its permissions.");
            if (!listed.IsOk)
            {
                // The pattern fails for the same reason, so the receipt says it.
                hasPlain = true;
            }

            if (hasPlain)
                AddPattern(here, "*");
            if (hasHidden)
                AddPattern(here, ".*");
            below.Sort(string.CompareOrdinal);
            foreach (string name in Enumerable.Reverse(below))
                left.Push((PathText.Join(here.Path, name), $"{here.Name}/{name}"));
        }

        return files.Count > 0 ? null : new InputError(
            top, "", "has no file in it", "Name a directory with files, or look at --exclude.");
    }

    private void AddPattern((string Path, string Name) directory, string pattern) =>
        files.Add(new ManifestFile(PathText.Join(directory.Path, pattern))
        {
            Name = $"{directory.Name}/",
            Exclude = exclude.Count > 0 ? exclude : null,
        });

    private void Note(string note)
    {
        if (notes.Count < MaxNotes)
            notes.Add(note);
        else if (notes.Count == MaxNotes)
            notes.Add("left out: and more that are no regular files");
    }

    private static string KindOf(in FileStat status) => (status.Mode & 0xF000) switch
    {
        0xA000 => "a symbolic link; name what it leads to, if you need it",
        0x1000 => "a FIFO",
        0xC000 => "a socket",
        _ => "a device",
    };

    // The kernel's text of the working directory has no links, so ".." at the start of a path can be taken away.
    private static string PathOf(string source)
    {
        string path = source;
        if (!path.StartsWith('/'))
        {
            string directory = WorkingDirectory.Absolute("");
            string[] parts = PathText.Components(path);
            int up = 0;
            for (; up < parts.Length && parts[up] is "" or "." or ".."; up++)
                directory = parts[up] == ".." ? PathText.Parent(directory.TrimEnd('/')) : directory;
            path = PathText.Join(directory, string.Join('/', parts.Skip(up)));
        }

        return "/" + string.Join('/', PathText.Names(path).Where(static c => c != "."));
    }

    private static string Escaped(string name) => name
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal)
        .Replace("?", "\\?", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal);
}

/// <summary>What sources mean.</summary>
/// <param name="Files">Entries of a manifest; at least one.</param>
/// <param name="Notes">What is left out, for people.</param>
internal sealed record SourceEntries(IReadOnlyList<ManifestFile> Files, IReadOnlyList<string> Notes);
